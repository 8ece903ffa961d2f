import type { BackendEvent } from '../../../domain/observation/event.js';
import type { PublishResult } from '../../../ports/observation-publisher.js';

import { beginning } from './beginning.js';

type Publish = (event: BackendEvent) => Promise<PublishResult>;

const tooLarge = 'What the agent tells here is too large to be kept.';
const shownCharacters = 1_000;

function halves(text: string): readonly string[] {
  const middle = text.length >> 1;
  const isCut = (text.codePointAt(middle - 1) ?? 0) > 0xff_ff;
  const at = isCut ? middle - 1 : middle;
  return at < 1 ? [] : [text.slice(0, at), text.slice(at)];
}

/** What says the same, or says that it is left out, in smaller events. */
function smaller(event: BackendEvent): readonly BackendEvent[] {
  const named = event.inputId === undefined ? {} : { inputId: event.inputId };
  const notice: BackendEvent = { type: 'notice', level: 'warning', text: tooLarge, ...named };
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'notice':
      return halves(event.text).map((text) => ({ ...event, text }));
    case 'tool-call-started': {
      const { type, toolCallId, name, title, input } = event;
      const [shown, entitled] = [
        beginning(name, shownCharacters),
        title === undefined ? undefined : beginning(title, shownCharacters),
      ];
      if (input === undefined && shown === name && entitled === title) return [];
      return [{ type, toolCallId, name: shown, ...(entitled !== undefined && { title: entitled }), ...named }, notice];
    }
    case 'tool-call-ended': {
      const { type, toolCallId, isError, output } = event;
      return output === undefined ? [] : [{ type, toolCallId, isError, ...named }, notice];
    }
    case 'tool-call-updated':
    case 'plan-updated':
    case 'question-asked':
      return [notice];
    default:
      return [];
  }
}

/** Publishes an event, in smaller ones where it is larger than the host takes: an agent does not know how much that is. */
export async function publishFitting(publish: Publish, event: BackendEvent): Promise<PublishResult> {
  const first = await publish(event);
  if (first.outcome === 'taken' || first.code !== 'event-too-large') return first;
  let result: PublishResult = first;
  for (const part of smaller(event)) result = await publishFitting(publish, part);
  // Nobody is asked what cannot be shown.
  return event.type === 'question-asked' ? first : result;
}
