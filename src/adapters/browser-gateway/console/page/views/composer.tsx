import { useRef, useState } from 'preact/hooks';

import type { InputId } from '../../../../../domain/ids.js';
import type { PublicStatus } from '../../../../../domain/observation/view.js';
import type { Refusal } from '../../../../../domain/outcome.js';
import type { App } from '../app.js';
import type { Place } from '../place.js';
import { focusIds, useFirstFocus } from './focus.js';
import { useDraft } from './use-draft.js';

interface ComposerProps {
  readonly app: App;
  readonly place: Extract<Place, { readonly at: 'worker' }>;
  readonly status: PublicStatus | undefined;
  readonly onRefusal: (refusal: Refusal | undefined) => void;
  readonly onSent: () => void;
}

/** A draft of a Worker, and what sends it. What is refused stays. */
function useSending({ app, place, onRefusal, onSent }: ComposerProps) {
  const key = `${place.runtimeId}/${place.workerId}`;
  const [text, setText] = useDraft(app.drafts, key);
  const [isSending, setSending] = useState(false);

  async function send(): Promise<void> {
    if (isSending || text.trim() === '') return;
    const { runtimeId, workerId } = place;
    const inputId = app.drafts.idFor(key, text) as InputId;
    setSending(true);
    onRefusal(undefined);
    const outcome = await app.ask({
      type: 'input',
      worker: { runtimeId, workerId },
      inputId,
      parts: [{ type: 'text', text }],
    });
    setSending(false);
    if (outcome.outcome !== 'errored' || outcome.executed === 'no') app.drafts.settle(key);
    if (outcome.outcome !== 'accepted') return onRefusal(outcome);
    // What was typed since stays.
    if (app.drafts.get(key) === text) setText('');
    onSent();
  }

  return { text, setText, isSending, send };
}

const hints: Readonly<Partial<Record<PublicStatus, string>>> = {
  busy: 'It is busy: an input is taken when its run has ended',
  unconnected: 'It is not connected',
  connecting: 'It is connecting',
  stopping: 'It is stopping',
  stopped: 'It is stopped, and takes no input any more',
};

/** Where something is said to a Worker. Whether it is taken is known from the answer alone. */
export function Composer(props: ComposerProps) {
  const { text, setText, isSending, send } = useSending(props);
  const field = useRef<HTMLTextAreaElement>(null);
  useFirstFocus(field, 'worker-name');

  function submit(event: Event): void {
    event.preventDefault();
    void send();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  }

  return (
    <form aria-label="Send input" class="composer" onSubmit={submit}>
      <label for={focusIds.input} class="hidden">
        Input
      </label>
      <textarea
        id={focusIds.input}
        ref={field}
        rows={2}
        dir="auto"
        value={text}
        placeholder={(props.status && hints[props.status]) ?? 'Say something to this Worker'}
        aria-keyshortcuts="Alt+I"
        aria-describedby="worker-name"
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="primary" aria-disabled={isSending}>
        Send
      </button>
    </form>
  );
}
