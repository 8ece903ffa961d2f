import type { MessagePort } from 'node:worker_threads';

import type { RunEvent } from '../generator/events.js';
import { output } from '../generator/events.js';
import type { RunEnd } from '../generator/run-end.js';
import { failed } from '../generator/run-end.js';
import type { FromEvaluator, ToEvaluator } from './messages.js';
import { interrupt, shared } from './messages.js';
import type { OutputChunk } from './turn.js';
import { Turn } from './turn.js';

/** How often code that is being cancelled is interrupted, until it has ended. */
const interruptEveryMs = 50;

export interface SessionOptions {
  readonly port: MessagePort;
  readonly state: Int32Array;
  /** Output that no open run has caused. Resolves when there is room for more. */
  readonly publish: (chunk: OutputChunk) => Promise<unknown>;
}

/** The evaluator as the other thread sees it: hands over runs, passes on what they print, ends them. */
export class Session {
  readonly #options: SessionOptions;
  readonly #late = new Turn(0);
  #turn: Turn | undefined;
  #runs = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    options.port.on('message', (message: FromEvaluator) => this.#take(message));
    void this.#publishLate();
  }

  /** One run. Goes on until the evaluator has let go of it, also where nobody wants its events any more. */
  async *run(code: string, signal: AbortSignal): AsyncGenerator<RunEvent, RunEnd | void> {
    const turn = this.#begin(code);
    const cancel = (): void => this.#cancel(turn);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      for (let chunk = await turn.next(); chunk; chunk = await turn.next()) {
        this.#consumed(chunk);
        yield output(chunk.text, chunk.stream);
      }
      const result = await turn.result;
      if (result.how === 'error') yield output(result.text, 'stderr');
      if (result.how === 'error') return failed('user-error');
      if (result.how === 'value' && result.text !== undefined) yield { type: 'text-completed', text: result.text };
    } finally {
      this.#discard(turn);
      await turn.result;
      signal.removeEventListener('abort', cancel);
      if (this.#turn === turn) this.#turn = undefined;
    }
  }

  /** The host is gone: so is the process, whatever the user's code does. */
  exit(): void {
    this.#send({ type: 'exit' });
  }

  #begin(code: string): Turn {
    this.#runs += 1;
    const turn = new Turn(this.#runs);
    this.#turn = turn;
    this.#send({ type: 'run', run: turn.run, code });
    return turn;
  }

  /**
   * SIGINT ends code that never waits; the message lets go of code that does. What is neither is code that blocks
   * after it has waited: it is asked until it ends, or until the host's deadline ends the process.
   */
  #cancel(turn: Turn): void {
    this.#discard(turn);
    this.#send({ type: 'cancel', run: turn.run });
    const send = (): void => {
      const { possible, sent } = interrupt;
      const before = Atomics.compareExchange(this.#options.state, shared.interrupt, possible, sent);
      if (before === possible) process.kill(process.pid, 'SIGINT');
    };
    send();
    const timer = setInterval(send, interruptEveryMs);
    void turn.result.then(() => clearInterval(timer));
  }

  #take(message: FromEvaluator): void {
    if (message.type === 'ended') {
      if (message.run === this.#turn?.run) this.#turn.end(message);
    } else if (message.type === 'output') {
      const turn = this.#turn?.run === message.run ? this.#turn : undefined;
      if (turn?.isDiscarded) this.#consumed(message);
      else (turn?.isOpen ? turn : this.#late).add(message);
    } else {
      void this.#flush();
    }
  }

  async #publishLate(): Promise<void> {
    for (let chunk = await this.#late.next(); chunk; chunk = await this.#late.next()) {
      this.#consumed(chunk);
      await this.#options.publish(chunk);
    }
  }

  #discard(turn: Turn): void {
    for (const chunk of turn.discard()) this.#consumed(chunk);
  }

  #consumed({ size }: { readonly size: number }): void {
    Atomics.add(this.#options.state, shared.consumed, size);
    Atomics.notify(this.#options.state, shared.consumed);
  }

  /** Lets out what was said before the process exits. */
  async #flush(): Promise<void> {
    while (this.#turn?.isEmpty === false || !this.#late.isEmpty) await new Promise(setImmediate);
    for (let turns = 0; turns < 3; turns += 1) await new Promise(setImmediate);
    Atomics.store(this.#options.state, shared.flushed, 1);
    Atomics.notify(this.#options.state, shared.flushed);
  }

  #send(message: ToEvaluator): void {
    this.#options.port.postMessage(message);
  }
}
