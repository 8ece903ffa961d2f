import { setTimeout as wait } from 'node:timers/promises';

import type { HttpListener } from '../../../src/adapters/browser-gateway/http/index.js';
import { httpHandler, listen } from '../../../src/adapters/browser-gateway/http/index.js';
import type { WorkerId } from '../../../src/domain/ids.js';
import { Epoch, formatCursor, parseCursor } from '../../../src/domain/observation/cursor.js';
import { Sequence } from '../../../src/domain/ids.js';
import { createRuntime, generatorBackend, text } from '../../../src/index.js';
import type { Runtime } from '../../../src/index.js';
import type { BrowserGateway, Frame } from '../../../src/ports/browser-gateway.js';
import { recordingLogger } from '../recording-logger.js';
import { createWorker, ref, textPart } from '../runtime.js';
import { knowsGood } from '../socket-server.js';

/** A Worker says as many lines as it is told to. */
const talkative = () =>
  generatorBackend({
    id: 'talkative',
    run: async function* ({ parts }) {
      const [part] = parts;
      const lines = Number(part?.type === 'text' ? part.text : 1);
      for (let line = 0; line < lines; line += 1) {
        yield text(`line ${line} ${'x'.repeat(line * 100)}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  });

/** Counts who watches. */
function counted(gateway: BrowserGateway, observers: { open: number }): BrowserGateway {
  async function* watched(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
    observers.open += 1;
    try {
      yield* frames;
    } finally {
      observers.open -= 1;
    }
  }
  return {
    execute: (command, call) => gateway.execute(command, call),
    read: (query, call) => gateway.read(query, call),
    observe: (worker, from, call) => watched(gateway.observe(worker, from, call)),
  };
}

/** Which Worker is meant; what it is called is known when it is asked for. */
export type Place = { readonly slot: number } | 'resident' | 'deleted' | 'unknown' | 'no-id' | 'elsewhere';
/** Where to begin; `back`: so many events before the last. */
export type From = 'snapshot' | 'start' | 'ahead' | 'other-epoch' | 'no-cursor' | { readonly back: number };
export type Act =
  { readonly say: number; readonly slot: number } | { readonly replace: number } | { readonly stop: number };

export const slots = 4;
export const limits = { streams: 10, subscriptions: 40 } as const;

/** A Runtime with Workers that say things, are trimmed, stopped and deleted, served over loopback. */
export class LiveHost implements AsyncDisposable {
  readonly runtime: Runtime;
  readonly listener: HttpListener;
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly observers: { open: number };
  readonly resident: WorkerId;
  readonly #workers: WorkerId[];
  #deleted: WorkerId;

  private constructor(parts: Pick<LiveHost, 'runtime' | 'listener' | 'logger' | 'observers'>, workers: WorkerId[]) {
    this.runtime = parts.runtime;
    this.listener = parts.listener;
    this.logger = parts.logger;
    this.observers = parts.observers;
    const [resident, ...others] = workers;
    if (!resident) throw new Error('no Worker');
    this.resident = resident;
    this.#deleted = resident.replace(/.$/, (last) => (last === '0' ? '1' : '0')) as WorkerId;
    this.#workers = others;
  }

  static async start(): Promise<LiveHost> {
    const logger = recordingLogger();
    const observers = { open: 0 };
    const runtime = createRuntime({
      profiles: { test: { label: 'Talkative', backend: talkative() } },
      limits: { retainedEvents: 12 },
    });
    const gateway = counted(runtime, observers);
    const handler = httpHandler({
      ...{ gateway, logger, authenticator: { authenticate: knowsGood }, gatewayFor: () => gateway },
      options: { ...limits, authenticateMs: 5_000 },
    });
    const listener = await listen({ handler });
    const workers: WorkerId[] = [];
    while (workers.length <= slots) workers.push((await createWorker(runtime, 'test', '8')).workerId);
    return new LiveHost({ runtime, listener, logger, observers }, workers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close({ graceMs: 0 });
    await this.runtime[Symbol.asyncDispose]();
  }

  /** A `subscribe` for what is meant. */
  async subscription(id: string, place: Place, from: From): Promise<string> {
    const { runtimeId } = this.runtime;
    const workerId = this.#workerAt(place);
    const after = await this.#cursor(workerId as WorkerId, from);
    const names = { runtimeId: place === 'elsewhere' ? 'elsewhere' : runtimeId, workerId };
    return JSON.stringify({ type: 'subscribe', id, ...names, ...(after !== undefined && { after }) });
  }

  async act(act: Act): Promise<void> {
    if ('say' in act) return this.#say(this.#slot(act.slot), act.say);
    if ('stop' in act) return this.#stop(this.#slot(act.stop));
    const slot = act.replace % slots;
    const worker = this.#slot(slot);
    this.#workers[slot] = (await createWorker(this.runtime, 'test', '3')).workerId;
    await this.#stop(worker);
    await this.runtime.execute({ type: 'delete', worker: ref(worker) });
    this.#deleted = worker;
  }

  /** Gives the resident Worker something to say, and answers its last sequence when it has said it. */
  async residentSpeaks(): Promise<number> {
    await this.#say(this.resident, 3);
    for (;;) {
      const found = await this.runtime.read({ type: 'worker', worker: ref(this.resident) });
      if (found.outcome !== 'answered') throw new Error(found.outcome);
      if (found.worker.status === 'idle') return parseCursor(found.worker.lastCursor)?.sequence ?? 0;
      await wait(2);
    }
  }

  async #say(workerId: WorkerId, lines: number): Promise<void> {
    await this.runtime.execute({ type: 'input', worker: ref(workerId), parts: textPart(String(lines)) });
  }

  async #stop(workerId: WorkerId): Promise<void> {
    await this.runtime.execute({ type: 'stop', worker: ref(workerId), graceMs: 0 });
  }

  #slot(slot: number): WorkerId {
    return this.#workers[slot % slots] ?? this.resident;
  }

  #workerAt(place: Place): string {
    if (typeof place === 'object') return this.#slot(place.slot);
    if (place === 'resident' || place === 'elsewhere') return this.resident;
    if (place === 'deleted') return this.#deleted;
    return place === 'unknown' ? '0190d1b2-9999-7000-8000-000000000009' : '../..';
  }

  async #cursor(workerId: WorkerId, from: From): Promise<string | undefined> {
    if (from === 'snapshot') return undefined;
    if (from === 'start' || from === 'no-cursor') return from;
    const found = await this.runtime.read({ type: 'worker', worker: ref(workerId) });
    const last = found.outcome === 'answered' ? parseCursor(found.worker.lastCursor) : undefined;
    const { epoch, sequence } = last ?? { epoch: Epoch('01234567'), sequence: 1 };
    if (from === 'other-epoch') return formatCursor(Epoch('ffffffff'), Sequence(sequence));
    const at = from === 'ahead' ? sequence + 1_000 : Math.max(1, sequence - from.back);
    return formatCursor(epoch, Sequence(at));
  }
}
