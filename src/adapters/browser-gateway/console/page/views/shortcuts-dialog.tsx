import { shortcuts } from '../shortcuts.js';
import { Dialog } from './dialog.js';

const others = [
  { keys: 'Enter', does: 'Send, in the input field' },
  { keys: 'Shift+Enter', does: 'A new line, in the input field' },
  { keys: 'Escape', does: 'Close a dialog' },
];
const arrows: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓' };

/** All that the keyboard does. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {(close) => (
        <>
          <dl class="shortcuts">
            {[...shortcuts, ...others].map(({ keys, does }) => (
              <div key={keys}>
                <dt>
                  {keys.split('+').map((key, index) => (
                    <>
                      {index > 0 && ' + '}
                      <kbd>{arrows[key] ?? key}</kbd>
                    </>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <div class="buttons">
            <button type="button" onClick={close}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
