import { Sequence } from '../domain/ids.js';
import type { WorkerId } from '../domain/ids.js';
import { resolveCursor } from '../domain/observation/cursor.js';
import { cursorOf, decodeObservation, parseObservation } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import {
  emptyTranscript,
  entriesOf,
  foldTranscript,
  isTranscriptBoundary,
} from '../domain/observation/transcript-fold.js';
import type { TranscriptEntry } from '../domain/observation/transcript.js';
import type { WorkerView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import { cursorAt } from '../domain/worker/decide-input.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Frame, Gap } from '../ports/browser-gateway.js';
import type { WorkerLog } from '../ports/worker-log.js';

const snapshotEntries = 50;
const readEvents = 500;

export interface TranscriptPage {
  readonly entries: readonly TranscriptEntry[];
  readonly next?: Sequence;
  readonly gap?: Gap;
}

/** A Worker as the hub sees it: its state as of the last append, again at each question, and how it is shown. */
export interface Observed {
  readonly workerId: WorkerId;
  readonly state: () => WorkerState;
  readonly view: (state: WorkerState) => WorkerView;
}

/** Reads the log for everybody who looks: pages, transcripts, streams. Keeps nothing of its own. */
export class ObservationHub {
  readonly #log: WorkerLog;
  /** Aborted when the host goes: every stream ends with `server-draining`. */
  readonly #ended: AbortSignal;

  constructor(log: WorkerLog, ended: AbortSignal) {
    this.#log = log;
    this.#ended = ended;
  }

  /** A snapshot, then from exactly the next sequence; or straight from a cursor. Pulled: a slow reader only falls behind (P3). */
  async *observe(worker: Observed, from: string | undefined, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    let after: Sequence;
    if (from === undefined) {
      const snapshot = await this.#snapshot(worker, signal);
      yield snapshot.frame;
      after = snapshot.sequence;
    } else {
      const start = this.#start(worker.state(), from);
      if ('problem' in start) return yield { type: 'problem', problem: rejected(start.problem) };
      after = start.sequence;
    }
    const ending = AbortSignal.any([signal, this.#ended]);
    try {
      yield* this.#tail(worker, after, ending);
      yield { type: 'end', code: 'worker-deleted' };
    } catch (cause) {
      signal.throwIfAborted();
      if (!this.#ended.aborted) throw cause;
      yield { type: 'end', code: 'server-draining' };
    }
  }

  /** At most `limit` observations after a position; a gap where the first of them are no longer retained. */
  async page(state: WorkerState, after: string | undefined, limit: number, signal: AbortSignal) {
    const start = this.#start(state, after ?? 'start');
    if ('problem' in start) return start;
    const page = await this.#log.read(state.workerId, start.sequence, limit, { signal });
    const read = page.observations;
    const last = read.at(-1);
    const gap = gapBefore(start.sequence, page.first);
    return {
      observations: read.map(decodeObservation),
      ...(last && last.sequence < page.last && { next: cursorOf(last) }),
      ...(gap && { gap }),
    };
  }

  /** Entries whose first event comes after a sequence. They are folded from the run's boundary before it. */
  async transcript(state: WorkerState, after: Sequence, limit: number, signal: AbortSignal): Promise<TranscriptPage> {
    const { workerId } = state;
    const boundary = await this.#boundaryBefore(workerId, after, signal);
    let transcript = emptyTranscript;
    let position = boundary;
    let first: Sequence | undefined;
    for (;;) {
      const page = await this.#log.read(workerId, position, readEvents, { signal });
      first ??= page.first;
      transcript = foldTranscript(transcript, page.observations.map(parseObservation));
      position = page.observations.at(-1)?.sequence ?? position;
      const entries = entriesOf(transcript).filter(({ sequence }) => sequence > after);
      const wanted = entries.slice(0, limit);
      const isWhole = entries.length > limit && wanted.every(({ complete }) => complete);
      if (!isWhole && position < page.last && page.observations.length > 0) continue;
      const last = wanted.at(-1);
      const gap = gapBefore(after, first);
      return { entries: wanted, ...(entries.length > limit && last && { next: last.sequence }), ...(gap && { gap }) };
    }
  }

  #start(state: WorkerState, from: string): { sequence: Sequence } | { problem: 'cursor-invalid' | 'cursor-unknown' } {
    if (from === 'start') return { sequence: Sequence(0) };
    return resolveCursor(from, { epochs: state.epochs, last: state.sequence });
  }

  async *#tail(worker: Observed, from: Sequence, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    let after = from;
    for (;;) {
      let missed = false;
      for await (const page of this.#log.follow(worker.workerId, after, { signal })) {
        const gap = gapBefore(after, page.observations[0]?.sequence ?? page.first);
        if (gap) {
          yield { type: 'gap', ...gap };
          missed = true;
          break;
        }
        after = page.observations.at(-1)?.sequence ?? after;
        yield { type: 'events', observations: page.observations.map(decodeObservation) };
      }
      if (!missed) return;
      const snapshot = await this.#snapshot(worker, signal);
      yield snapshot.frame;
      after = snapshot.sequence;
    }
  }

  async #snapshot(worker: Observed, signal: AbortSignal): Promise<{ frame: Frame; sequence: Sequence }> {
    const state = worker.state();
    const { sequence } = state;
    const transcript = await this.#lastEntries(state, signal);
    const cursor = cursorAt(state, sequence);
    return { frame: { type: 'snapshot', worker: worker.view(state), transcript, cursor }, sequence };
  }

  /** Reads backwards, from boundary to boundary, until there are enough entries; folds up to exactly the state's sequence. */
  async #lastEntries({ workerId, sequence }: WorkerState, signal: AbortSignal): Promise<readonly TranscriptEntry[]> {
    let boundary = sequence;
    let tail: EncodedObservation[] = [];
    for (;;) {
      const earlier = await this.#boundaryBefore(workerId, Sequence(Math.max(0, boundary - readEvents)), signal);
      tail = [...(await this.#range(workerId, earlier, boundary, signal)), ...tail];
      boundary = earlier;
      const transcript = foldTranscript(emptyTranscript, tail.map(parseObservation));
      const entries = entriesOf(transcript);
      if (entries.length >= snapshotEntries || boundary === 0) return entries.slice(-snapshotEntries);
    }
  }

  /** The last sequence at or before `sequence` after which a fold may begin; 0 where nothing earlier is retained. */
  async #boundaryBefore(workerId: WorkerId, sequence: Sequence, signal: AbortSignal): Promise<Sequence> {
    let end: number = sequence;
    while (end > 0) {
      const begin = Sequence(Math.max(0, end - readEvents));
      const page = await this.#log.read(workerId, begin, end - begin, { signal });
      const boundary = page.observations.findLast((encoded) => encoded.sequence <= end && isBoundary(encoded));
      if (boundary) return boundary.sequence;
      if (page.first > begin) return Sequence(0);
      end = begin;
    }
    return Sequence(0);
  }

  async #range(workerId: WorkerId, after: Sequence, to: Sequence, signal: AbortSignal): Promise<EncodedObservation[]> {
    const read: EncodedObservation[] = [];
    let position = after;
    while (position < to) {
      const limit = Math.min(readEvents, to - position);
      const { observations } = await this.#log.read(workerId, position, limit, { signal });
      const wanted = observations.filter((encoded) => encoded.sequence <= to);
      if (wanted.length === 0) break;
      read.push(...wanted);
      position = wanted.at(-1)?.sequence ?? to;
    }
    return read;
  }
}

/** Looks into the text before parsing: most observations are no boundary. */
const isBoundary = (encoded: EncodedObservation): boolean =>
  encoded.json.includes('"input-ended"') && isTranscriptBoundary(parseObservation(encoded));

function gapBefore(after: Sequence, first: Sequence): Gap | undefined {
  return first > after + 1 ? { from: Sequence(after + 1), to: Sequence(first - 1) } : undefined;
}
