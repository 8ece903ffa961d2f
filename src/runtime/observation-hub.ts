import type { Sequence } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import { cursorAt } from '../domain/worker/decide-input.js';
import { isVisible } from '../domain/worker/state.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { WorkerId } from '../domain/ids.js';
import type { Frame, Gap } from '../ports/browser-gateway.js';
import { refusedFrames } from './frames.js';
import type { History } from './history.js';
import { gapBefore, startOf } from './history.js';
import { LogRemoved, unreadable } from './log-reader.js';
import type { LogReader } from './log-reader.js';
import { SharedFrames } from './shared-frames.js';

/** A Worker as the hub sees it. */
export interface Observed {
  readonly workerId: WorkerId;
  /** Its state as of the last append, again at each question; `undefined` where it is gone. */
  readonly state: () => WorkerState | undefined | Promise<WorkerState | undefined>;
  readonly view: (state: WorkerState) => WorkerView;
}

interface Snapshot {
  readonly frame: Frame;
  readonly sequence: Sequence;
}

const deleted: Frame = { type: 'end', code: 'worker-deleted' };

/** Streams of frames, pulled by whoever looks. Reads the log; keeps the latest frame of who is watched, and nothing else. */
export class ObservationHub {
  readonly #log: LogReader;
  readonly #history: History;
  readonly #shared = new SharedFrames();

  constructor(log: LogReader, history: History) {
    this.#log = log;
    this.#history = history;
  }

  /**
   * A snapshot, then from exactly the next sequence; or straight from a cursor of the Worker as it is `found`. A slow
   * reader only falls behind (P3). `signal` aborts when nobody looks any more or the host goes.
   */
  observe(
    worker: Observed,
    found: WorkerState,
    from: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Frame, void, void> {
    if (from === undefined) return this.#frames(worker, undefined, signal);
    const start = startOf(found, from);
    if ('problem' in start) return refusedFrames(rejected(start.problem));
    return this.#frames(worker, start.sequence, signal);
  }

  /** One generator for all of it: each one more that frames pass through costs every observer of every frame. */
  async *#frames(worker: Observed, from: Sequence | undefined, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const watch = this.#shared.watch(worker.workerId);
    try {
      for (let after = from, gap: Gap | undefined; ; after = undefined, gap = undefined) {
        if (after === undefined) {
          const snapshot = await this.#snapshot(worker, signal);
          if (!snapshot) return yield deleted;
          yield snapshot.frame;
          after = snapshot.sequence;
        }
        try {
          for await (const page of this.#log.follow(worker.workerId, after, signal)) {
            gap = gapBefore(after, page.observations[0]?.sequence ?? page.first);
            if (gap) break;
            after = page.observations.at(-1)?.sequence ?? after;
            for (let { observations } = page; observations.length > 0;) {
              const frame = watch.frameOf(observations);
              observations = observations.slice(frame.observations.length);
              yield frame;
            }
          }
        } catch (cause) {
          throw unreadable(cause, signal);
        }
        if (!gap) return yield deleted;
        yield { type: 'gap', ...gap };
      }
    } finally {
      watch.leave();
    }
  }

  /** `undefined` where the Worker is gone. */
  async #snapshot(worker: Observed, signal: AbortSignal): Promise<Snapshot | undefined> {
    const current = worker.state();
    const state = current instanceof Promise ? await current : current;
    if (!state || !isVisible(state)) return undefined;
    const { sequence } = state;
    const transcript = await this.#history.lastEntries(state, signal).catch((cause: unknown) => {
      if (cause instanceof LogRemoved) return undefined;
      throw cause;
    });
    if (!transcript) return undefined;
    const cursor = cursorAt(state, sequence);
    return { frame: { type: 'snapshot', worker: worker.view(state), transcript, cursor }, sequence };
  }
}
