import { Sequence } from '../domain/ids.js';
import { resolveCursor } from '../domain/observation/cursor.js';
import { cursorOf, decodeObservation, isOfType, parseObservation } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import type { Observation } from '../domain/observation/event.js';
import { emptyTranscript, entriesOf, foldTranscript } from '../domain/observation/transcript-fold.js';
import type { Transcript } from '../domain/observation/transcript-fold.js';
import type { TranscriptEntry } from '../domain/observation/transcript.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Gap } from '../ports/browser-gateway.js';
import type { LogPage } from '../ports/worker-log.js';
import { LogRemoved } from './log-reader.js';
import type { LogReader } from './log-reader.js';
import { Slots } from './slots.js';
import { turn } from '../ports/clock.js';

const snapshotEntries = 50;
const readEvents = 500;

interface TranscriptPage {
  readonly entries: readonly TranscriptEntry[];
  readonly next?: Sequence;
  readonly gap?: Gap;
}

/** Folds what is read page by page in time that grows as the log does: a fold copies its entries once per call. */
class Folding {
  #transcript: Transcript = emptyTranscript;
  #waiting: Observation[] = [];

  add(observations: readonly EncodedObservation[]): void {
    for (const encoded of observations) this.#waiting.push(parseObservation(encoded));
    if (this.isDue) this.#fold();
  }

  /** Whether it pays to look at the entries now. */
  get isDue(): boolean {
    return this.#waiting.length === 0 || this.#waiting.length >= this.#transcript.entries.length;
  }

  entries(last?: number): readonly TranscriptEntry[] {
    this.#fold();
    return entriesOf(this.#transcript, last);
  }

  #fold(): void {
    this.#transcript = foldTranscript(this.#transcript, this.#waiting.splice(0));
  }
}

/** How many folds are under way at once: a fold of a long run is work, and others want their turn. */
const foldsAtOnce = 2;

/** Reads what a log holds: pages of it, and transcripts folded from it. Keeps nothing. Rejects with `LogRemoved`. */
export class History {
  readonly #log: LogReader;
  readonly #folds = new Slots(foldsAtOnce);

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** At most `limit` observations after a position; a gap where the first of them are no longer retained. */
  async page(state: WorkerState, after: string | undefined, limit: number, signal: AbortSignal) {
    const start = startOf(state, after ?? 'start');
    if ('problem' in start) return start;
    const page = await this.#readOnce(state, start.sequence, limit, signal);
    const last = page.observations.at(-1);
    const gap = gapBefore(start.sequence, page.first);
    return {
      observations: page.observations.map(decodeObservation),
      ...(last && last.sequence < page.last && { next: cursorOf(last) }),
      ...(gap && { gap }),
    };
  }

  /** Entries whose first event comes after a sequence. They are folded from the run's boundary before it. */
  transcript(state: WorkerState, after: Sequence, limit: number, signal: AbortSignal): Promise<TranscriptPage> {
    return this.#folds.run(() => this.#transcript(state, after, limit, signal));
  }

  async #transcript(state: WorkerState, after: Sequence, limit: number, signal: AbortSignal): Promise<TranscriptPage> {
    let position = await this.#boundaryBefore(state, Sequence(Math.min(after, state.sequence)), signal);
    let first: Sequence | undefined;
    const folding = new Folding();
    for (;;) {
      const page = await this.#read(state, position, readEvents, signal);
      first ??= page.first;
      folding.add(page.observations);
      position = page.observations.at(-1)?.sequence ?? position;
      const isEnd = position >= page.last || page.observations.length === 0;
      if (!isEnd && !folding.isDue) continue;
      const entries = folding.entries().filter(({ sequence }) => sequence > after);
      const wanted = entries.slice(0, limit);
      const isWhole = entries.length > limit && wanted.every(({ complete }) => complete);
      if (!isEnd && !isWhole) continue;
      const last = wanted.at(-1);
      const gap = gapBefore(after, first);
      return { entries: wanted, ...(entries.length > limit && last && { next: last.sequence }), ...(gap && { gap }) };
    }
  }

  /** The last entries up to exactly the state's sequence: read backwards, from boundary to boundary, until there are enough. */
  lastEntries(state: WorkerState, signal: AbortSignal): Promise<readonly TranscriptEntry[]> {
    return this.#folds.run(() => this.#lastEntries(state, signal));
  }

  async #lastEntries(state: WorkerState, signal: AbortSignal): Promise<readonly TranscriptEntry[]> {
    let entries: readonly TranscriptEntry[] = [];
    for (let end = state.sequence; end > 0 && entries.length < snapshotEntries;) {
      const begin = await this.#boundaryBefore(state, Sequence(Math.max(0, end - readEvents)), signal);
      entries = [...(await this.#folded(state, begin, end, signal)), ...entries];
      end = begin;
    }
    return entries.slice(-snapshotEntries);
  }

  /** The last sequence at or before `sequence` after which a fold may begin; 0 where nothing earlier is retained. */
  async #boundaryBefore(state: WorkerState, sequence: Sequence, signal: AbortSignal): Promise<Sequence> {
    let end: number = sequence;
    while (end > 0) {
      const begin = Sequence(Math.max(0, end - readEvents));
      let boundary: Sequence | undefined;
      const first = await this.#each(state, begin, Sequence(end), signal, (page) => {
        boundary = page.findLast(isBoundary)?.sequence ?? boundary;
      });
      if (boundary !== undefined) return boundary;
      if (first > begin + 1) return Sequence(0);
      end = begin;
    }
    return Sequence(0);
  }

  async #folded(state: WorkerState, after: Sequence, to: Sequence, signal: AbortSignal) {
    const folding = new Folding();
    await this.#each(state, after, to, signal, (page) => folding.add(page));
    return folding.entries(snapshotEntries);
  }

  /** Hands over what is retained after `after` up to `to`, page by page. Answers the first retained sequence. */
  async #each(
    state: WorkerState,
    after: Sequence,
    to: Sequence,
    signal: AbortSignal,
    take: (page: readonly EncodedObservation[]) => void,
  ): Promise<Sequence> {
    let first = Sequence(0);
    for (let position = after; position < to;) {
      const page = await this.#read(state, position, Math.min(readEvents, to - position), signal);
      first = page.first;
      const wanted = page.observations.filter((encoded) => encoded.sequence <= to);
      if (wanted.length === 0) break;
      take(wanted);
      position = wanted.at(-1)?.sequence ?? to;
    }
    return first;
  }

  /** A page at a time, and between them everybody else. */
  async #read(state: WorkerState, after: Sequence, limit: number, signal: AbortSignal): Promise<LogPage> {
    signal.throwIfAborted();
    const page = await this.#readOnce(state, after, limit, signal);
    const isLast = (page.observations.at(-1)?.sequence ?? page.last) >= page.last;
    if (!isLast) await turn();
    signal.throwIfAborted();
    return page;
  }

  /** A log that ends before what its Worker has appended is one that was removed while it was read. */
  async #readOnce(state: WorkerState, after: Sequence, limit: number, signal: AbortSignal): Promise<LogPage> {
    const page = await this.#log.read(state.workerId, after, limit, signal);
    if (page.last < state.sequence) throw new LogRemoved('the log was removed while it was read');
    return page;
  }
}

/** Where a reader begins. */
export function startOf(
  state: WorkerState,
  from: string,
): { readonly sequence: Sequence } | { readonly problem: 'cursor-invalid' | 'cursor-unknown' } {
  if (from === 'start') return { sequence: Sequence(0) };
  return resolveCursor(from, { epochs: state.epochs, last: state.sequence });
}

export function gapBefore(after: Sequence, first: Sequence): Gap | undefined {
  return first > after + 1 ? { from: Sequence(after + 1), to: Sequence(first - 1) } : undefined;
}

/** `isTranscriptBoundary`, of what is not parsed. */
const isBoundary = (encoded: EncodedObservation): boolean => isOfType(encoded, 'input-ended');
