import type { SocketMessage } from '../../../protocol/browser-socket.js';
import type { Frame } from '../../../ports/browser-gateway.js';

import { abortable } from '../../../ports/abort.js';
import type { CarriedFrames, Opened } from './transport.js';
import { frameOf, opened, problemFrame } from './transport.js';
import { readRefusalOf } from './refusal.js';

/** What may wait for a slow reader, in characters of messages, before the host is told to send no more. */
const maxWaitingChars = 1_048_576;

/** What a socket says about one Worker, until it is over. */
export class Subscription {
  readonly #unsubscribe: () => void;
  readonly #release: () => void;
  #waiting: { readonly step: Opened | Frame; readonly chars: number }[] = [];
  #chars = 0;
  #isAnswered = false;
  #over: 'lost' | 'again' | undefined;
  #wake = (): void => undefined;

  /** `unsubscribe`: the host is to send no more; `release`: nobody reads it any more. */
  constructor(unsubscribe: () => void, release: () => void) {
    this.#unsubscribe = unsubscribe;
    this.#release = release;
  }

  /** A reader that takes too little is unsubscribed, and comes back from where it is: nothing is dropped, nothing piles up. */
  take(message: SocketMessage, chars: number): void {
    const step = stepOf(message);
    if (!step || this.#over) return;
    this.#isAnswered = true;
    this.#waiting.push({ step, chars });
    this.#chars += chars;
    if (this.#chars > maxWaitingChars) this.#end('again');
    this.#wake();
  }

  /** Nothing more comes: its connection is gone. */
  lose(last?: Frame): void {
    if (last && !this.#over) this.#waiting.push({ step: last, chars: 0 });
    this.#over ??= 'lost';
    this.#wake();
  }

  /** The time is over in which a host says whether it is taken. Its socket may live all the same. */
  expire(): void {
    if (this.#isAnswered) return;
    this.#end('lost');
    this.#wake();
  }

  async *steps(signal: AbortSignal): CarriedFrames {
    const leave = (): void => {
      this.#end('lost');
      this.#release();
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        const next = this.#waiting.shift();
        if (next) {
          this.#chars -= next.chars;
          yield next.step;
        } else if (this.#over) return this.#over;
        else await abortable(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
      }
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  #end(how: 'lost' | 'again'): void {
    if (this.#over) return;
    this.#over = how;
    this.#unsubscribe();
  }
}

function stepOf(message: SocketMessage): Opened | Frame | undefined {
  if (message.type === 'subscribed') return opened;
  if (message.type !== 'problem') return frameOf(message.type, message);
  const refusal = readRefusalOf(message);
  if (!refusal) throw new TypeError('a problem that says nothing');
  return problemFrame(refusal);
}
