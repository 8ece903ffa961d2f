import type { Sequence } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import { cursorAt } from '../domain/worker/decide-input.js';
import { isVisible } from '../domain/worker/state.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { WorkerId } from '../domain/ids.js';
import type { Frame } from '../ports/browser-gateway.js';
import type { History } from './history.js';
import { gapBefore, startOf } from './history.js';
import { LogRemoved } from './log-reader.js';
import type { LogReader } from './log-reader.js';
import { SharedFrames } from './shared-frames.js';
import type { Watch } from './shared-frames.js';

/** A Worker as the hub sees it: its state as of the last append, again at each question, and how it is shown. */
export interface Observed {
  readonly workerId: WorkerId;
  readonly state: () => WorkerState;
  readonly view: (state: WorkerState) => WorkerView;
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
   * A snapshot, then from exactly the next sequence; or straight from a cursor. A slow reader only falls behind (P3).
   * `signal` aborts when nobody looks any more or the host goes.
   */
  async *observe(worker: Observed, from: string | undefined, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    if (from === undefined) return yield* this.#fromSnapshot(worker, signal);
    const start = startOf(worker.state(), from);
    if ('problem' in start) return yield { type: 'problem', problem: rejected(start.problem) };
    yield* this.#watch(worker, start.sequence, signal);
  }

  async *#fromSnapshot(worker: Observed, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const state = worker.state();
    if (!isVisible(state)) return yield deleted;
    const { sequence } = state;
    const transcript = await this.#history.lastEntries(state, signal).catch((cause: unknown) => {
      if (cause instanceof LogRemoved) return undefined;
      throw cause;
    });
    if (!transcript) return yield deleted;
    yield { type: 'snapshot', worker: worker.view(state), transcript, cursor: cursorAt(state, sequence) };
    yield* this.#watch(worker, sequence, signal);
  }

  async *#watch(worker: Observed, from: Sequence, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const watch = this.#shared.watch(worker.workerId);
    try {
      yield* this.#tail(worker, from, watch, signal);
    } finally {
      watch.leave();
    }
  }

  async *#tail(worker: Observed, from: Sequence, watch: Watch, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    let after = from;
    for await (const page of this.#log.follow(worker.workerId, after, signal)) {
      const gap = gapBefore(after, page.observations[0]?.sequence ?? page.first);
      if (gap) {
        yield { type: 'gap', ...gap };
        return yield* this.#fromSnapshot(worker, signal);
      }
      after = page.observations.at(-1)?.sequence ?? after;
      for (let { observations } = page; observations.length > 0;) {
        const frame = watch.frameOf(observations);
        observations = observations.slice(frame.observations.length);
        yield frame;
      }
    }
    yield deleted;
  }
}
