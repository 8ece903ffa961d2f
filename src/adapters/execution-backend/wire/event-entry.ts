import type { InputId } from '../../../domain/ids.js';
import { isMintedId, isUuid } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import { bodyJson } from '../../../protocol/event-json.js';

/** Makes the entries of `worker/events` lines, each run beside its event. Remembers which ids it found right. */
export class EventEntries {
  #inputId: InputId | undefined;
  #messageId: string | undefined;

  /** An event as an entry. `undefined`: it is not one. */
  encode(event: BackendEvent): string | undefined {
    try {
      if (typeof event.type !== 'string') return undefined;
      const { inputId } = event;
      if (inputId === undefined) return `{"event":${this.#isPiece(event) ? bodyJson(event) : JSON.stringify(event)}}`;
      if (inputId !== this.#inputId && !isUuid(inputId)) return undefined;
      this.#inputId = inputId;
      return `{"inputId":"${inputId}","event":${this.#isPiece(event) ? bodyJson(event) : otherJson(event)}}`;
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
        return typeof event.text === 'string' && ['stdout', 'stderr'].includes(event.stream);
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

function otherJson({ inputId: _, ...body }: BackendEvent): string {
  return JSON.stringify(body);
}
