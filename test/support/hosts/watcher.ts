import type { ServerSentEvent } from '../sse-reader.js';
import { isTold, sequenceOf } from '../kill/answers.js';
import { claim } from '../kill/claim.js';
import type { KnownWorker } from '../kill/known-worker.js';
import type { Scene } from '../kill/scene.js';

const pauseMs = 50;

/** Somebody who watches a Worker from its beginning, at one host after the other: everything comes once and in order. */
export class Watcher {
  /** How often the stream was begun. */
  begun = 0;
  /** The sequence of the last observation that came. */
  place = 0;
  /** When its execution was asked for by an owner that found it. */
  readonly recovered: number[] = [];
  readonly #scene: Scene;
  readonly #worker: KnownWorker;
  readonly #end = new AbortController();
  readonly #watching: Promise<void>;
  #cursor: string | undefined;

  constructor(scene: Scene, worker: KnownWorker, onBroken: (cause: unknown) => void) {
    this.#scene = scene;
    this.#worker = worker;
    this.#watching = this.#watch().catch(onBroken);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted && !this.#worker.isGone) {
      await this.#once(signal);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { chance, client } = this.#scene;
    const cursor = this.#cursor;
    const byHeader = cursor !== undefined && chance.happens(0.5);
    const path = `${this.#worker.path}/observations/stream${byHeader ? '' : `?after=${cursor ?? 'start'}`}`;
    const headers: Readonly<Record<string, string>> = byHeader ? { 'last-event-id': cursor } : {};
    // Sometimes the network of the one who watches is lost.
    let left = chance.happens(0.3) ? 1 + chance.below(40) : Infinity;
    this.begun += 1;
    const told = await client.stream(path, headers, signal, (event) => {
      this.#take(event);
      return --left > 0;
    });
    if (told && isTold(told, 'worker-unknown')) this.#worker.missing();
    else claim(told === undefined, 'P5: a cursor that was handed out is known', { cursor, told });
  }

  #take({ event, data, id }: ServerSentEvent): void {
    if (data === undefined) return;
    if (event === 'end') return;
    claim(event === 'observation', 'P5: a stream goes on where it was left', { event, data, cursor: this.#cursor });
    const seen = this.#worker.observe(data);
    claim(id === seen.cursor, 'P5: the id of an event is its cursor', { id, data });
    claim(seen.sequence === this.place + 1, 'O7: a stream has no gap and nothing twice', { place: this.place, data });
    this.place = sequenceOf(seen.cursor);
    this.#cursor = seen.cursor;
    if (seen.event.type === 'execution-connecting' && seen.event.cause === 'recover') {
      this.recovered.push(Date.parse(seen.at));
    }
  }
}
