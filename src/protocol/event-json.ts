import type { BackendEvent } from '../domain/observation/event.js';

/**
 * The JSON of an event without its run, which stands beside it wherever it is written: `JSON.stringify` of the rest.
 * Nearly all events are pieces of text; theirs is put together, for that takes half the time. An id of a message needs
 * no escapes (`mintedPattern`).
 */
export function bodyJson(event: BackendEvent): string {
  switch (event.type) {
    case 'text-delta':
    case 'text-completed':
    case 'reasoning-delta':
    case 'reasoning-completed':
      return `{"type":"${event.type}","messageId":"${event.messageId}","text":${JSON.stringify(event.text)}}`;
    case 'output':
      return `{"type":"output","stream":"${event.stream}","text":${JSON.stringify(event.text)}}`;
    default:
      return wholeJson(event);
  }
}

/** The same, whatever the event is. */
export function wholeJson({ inputId: _, ...body }: BackendEvent): string {
  return JSON.stringify(body);
}
