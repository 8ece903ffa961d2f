import type { InputId } from '../../../domain/ids.js';
import { isMintedId, isUuid } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import { bodyJson, wholeJson } from '../../../protocol/event-json.js';

const streams: ReadonlySet<unknown> = new Set(['stdout', 'stderr']);

/** Makes the entries of `worker/events` lines, each run beside its event. Remembers the last ids that it found right. */
export class EventEntries {
  #inputId: InputId | undefined;
  #messageId: string | undefined;

  /** An event as an entry. `undefined`: it is not one. */
  encode(event: BackendEvent): string | undefined {
    try {
      if (typeof event.type !== 'string') return undefined;
      const { inputId } = event;
      const body = this.#isPiece(event) ? bodyJson(event) : wholeJson(event);
      if (inputId === undefined) return `{"event":${body}}`;
      if (inputId !== this.#inputId && !isUuid(inputId)) return undefined;
      this.#inputId = inputId;
      return `{"inputId":"${inputId}","event":${body}}`;
    } catch {
      return undefined;
    }
  }

  /** A piece of text, whose JSON is put together. Its fields are looked at: an author may publish anything. */
  #isPiece(event: BackendEvent): boolean {
    switch (event.type) {
      case 'text-delta':
      case 'text-completed':
      case 'reasoning-delta':
      case 'reasoning-completed':
        return typeof event.text === 'string' && this.#isMessage(event.messageId);
      case 'output':
        return typeof event.text === 'string' && streams.has(event.stream);
      default:
        return false;
    }
  }

  #isMessage(messageId: unknown): boolean {
    if (messageId === this.#messageId) return messageId !== undefined;
    if (typeof messageId !== 'string' || !isMintedId(messageId)) return false;
    this.#messageId = messageId;
    return true;
  }
}
