import { expect, vi } from 'vitest';

import type { RemoteSocketOptions } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import { remoteSocketBackend } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import { createRuntime, type PublicStatus, type Runtime, type WorkerRef } from '../../../src/index.js';
import type { LogLine } from '../recording-logger.js';
import { recordingLogger } from '../recording-logger.js';
import { createWorker, expectAccepted, textPart } from '../runtime.js';
import { CountedLog } from './counted-log.js';

/** Longer than anything takes that is waited for: half-open connections, back-off, a container's start. */
const patienceMs = 90_000;

/** Waits until something holds. */
export const eventually = (holds: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(holds, { timeout: patienceMs, interval: 50 });

/** A Worker, with all that its log has said. */
export class CountingWorker {
  readonly log = new CountedLog();
  readonly ref: WorkerRef;
  readonly #runtime: Runtime;

  constructor(runtime: Runtime, ref: WorkerRef) {
    this.#runtime = runtime;
    this.ref = ref;
    this.#observe().catch((cause: unknown) => this.log.broke(cause));
  }

  async #observe(): Promise<void> {
    for await (const frame of this.#runtime.observe(this.ref, 'start')) {
      if (frame.type === 'events') for (const observation of frame.observations) this.log.add(observation);
    }
  }

  /** Lets it count so far again. */
  async countsOn(by = 20): Promise<void> {
    const to = this.log.said.length + by;
    await eventually(() => {
      this.log.check();
      expect(this.log.said.length).toBeGreaterThanOrEqual(to);
    });
  }

  async status(): Promise<PublicStatus> {
    const view = await this.#runtime.read({ type: 'worker', worker: this.ref });
    if (view.outcome !== 'answered') throw new Error(`no Worker: ${JSON.stringify(view)}`);
    return view.worker.status;
  }

  send() {
    return this.#runtime.execute({ type: 'input', worker: this.ref, parts: textPart('count') });
  }

  reconnect() {
    return this.#runtime.execute({ type: 'reconnect', worker: this.ref });
  }

  /** Says that it is enough, and waits for its last word and its end. */
  async finish(): Promise<void> {
    const questionId = this.log.openQuestion;
    if (questionId === undefined) throw new Error('nothing is asked');
    const answer = { text: 'yes' };
    expectAccepted(await this.#runtime.execute({ type: 'answer', worker: this.ref, questionId, answer }));
    await eventually(() => expect(this.log.types.at(-1)).toBe('input-ended'));
    this.log.check();
    expect(this.log.end).toBe('completed');
    expect(this.log.total).toBe(this.log.said.length);
  }
}

/** A host with Workers that count, and one that has nothing to do. */
export interface CountingHost extends AsyncDisposable {
  readonly counting: readonly CountingWorker[];
  readonly idle: CountingWorker;
  readonly all: readonly CountingWorker[];
  /** What of the connection its operator was told, one line after the other. */
  told(): readonly string[];
}

/** Starts a host whose Workers are executed by a server, and waits until each has said something. */
export async function startCounting(options: RemoteSocketOptions): Promise<CountingHost> {
  const logger = recordingLogger();
  const backend = remoteSocketBackend(options, { logger });
  const runtime = createRuntime({ profiles: { count: { label: 'Count', backend } }, logger });
  const made = async (text?: string) => new CountingWorker(runtime, await createWorker(runtime, 'count', text));
  const counting = await Promise.all(['a', 'b', 'c'].map(made));
  const idle = await made();
  const isOfConnection = ({ fields }: LogLine): boolean => fields['address'] !== undefined;
  await Promise.all(counting.map((worker) => worker.countsOn()));
  return {
    counting,
    idle,
    all: [...counting, idle],
    told: () => logger.lines.filter(isOfConnection).map(({ message }) => message),
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  };
}
