import { Dialog } from './dialog.js';

const words = {
  stop: {
    title: 'Stop this Worker?',
    text: 'Its run is cancelled and its execution ends. A stopped Worker takes no input any more; what it said can still be read.',
    yes: 'Stop for good',
  },
  delete: {
    title: 'Delete this Worker?',
    text: 'All that it said is removed, and cannot be brought back.',
    yes: 'Delete for good',
  },
} as const;

interface ConfirmationProps {
  readonly what: keyof typeof words;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone. */
export function Confirmation({ what, onConfirm, onClose }: ConfirmationProps) {
  const { title, text, yes } = words[what];
  return (
    <Dialog title={title} onClose={onClose}>
      {(close) => (
        <>
          <p>{text}</p>
          <div class="buttons">
            <button type="button" onClick={close}>
              Keep it
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                close();
                onConfirm();
              }}
            >
              {yes}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
