import { useState } from 'preact/hooks';

import type { WorkerView } from '../../../../../domain/observation/view.js';
import type { Refusal } from '../../../../../domain/outcome.js';
import type { Command } from '../../../../../ports/browser-gateway.js';
import type { App } from '../app.js';
import type { StoryReader } from '../story.js';
import { Confirmation } from './confirmation.js';
import { focusIds, focusOn } from './focus.js';

interface WorkerActionsProps {
  readonly app: App;
  readonly worker: WorkerView;
  readonly reader: StoryReader;
  readonly onRefusal: (refusal: Refusal | undefined) => void;
}

type Asked = Exclude<Command['type'], 'create' | 'input' | 'answer'>;

/** Asks one thing at a time. */
function useActions({ app, worker, reader, onRefusal }: WorkerActionsProps) {
  const [asked, setAsked] = useState<Asked>();

  async function ask(command: Extract<Command, { readonly type: Asked }>): Promise<void> {
    if (asked !== undefined) return;
    const from = app.place.get();
    setAsked(command.type);
    onRefusal(undefined);
    const outcome = await app.ask<Command>(command);
    setAsked(undefined);
    if (outcome.outcome !== 'accepted') return onRefusal(outcome);
    if (app.place.get() !== from) return;
    if (command.type === 'delete') return app.go({ at: 'start' });
    await reader.refresh();
    // The button that was pressed is there no longer.
    if (document.activeElement === document.body) focusOn('input');
  }

  const { runtimeId, workerId } = worker;
  return { asked, ask, ref: { runtimeId, workerId } };
}

/** What can be asked of a Worker beside inputs and answers. */
export function WorkerActions(props: WorkerActionsProps) {
  const { worker } = props;
  const { asked, ask, ref } = useActions(props);
  const [confirming, setConfirming] = useState<'stop' | 'delete'>();
  const { status, openInput, reason } = worker;
  const isLive = status !== 'stopped' && status !== 'stopping';
  const isDeletable = status === 'stopped' || reason === 'log-damaged';

  return (
    <div class="actions">
      {openInput && (
        <button
          type="button"
          id={focusIds.cancel}
          aria-keyshortcuts="Alt+C"
          aria-disabled={asked === 'cancel'}
          onClick={() => void ask({ type: 'cancel', worker: ref, inputId: openInput.inputId })}
        >
          Cancel
        </button>
      )}
      {status === 'unconnected' && (
        <button
          type="button"
          aria-disabled={asked === 'reconnect'}
          onClick={() => void ask({ type: 'reconnect', worker: ref })}
        >
          Reconnect
        </button>
      )}
      {isLive && (
        <button type="button" aria-disabled={asked === 'stop'} onClick={() => setConfirming('stop')}>
          Stop
        </button>
      )}
      {isDeletable && (
        <button type="button" aria-disabled={asked === 'delete'} onClick={() => setConfirming('delete')}>
          Delete
        </button>
      )}
      {confirming && (
        <Confirmation
          what={confirming}
          onConfirm={() => void ask({ type: confirming, worker: ref })}
          onClose={() => setConfirming(undefined)}
        />
      )}
    </div>
  );
}
