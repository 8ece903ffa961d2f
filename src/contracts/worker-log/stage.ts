import assert from 'node:assert/strict';

import { InputId, Sequence, WorkerId } from '../../domain/ids.js';
import { Epoch, formatCursor } from '../../domain/observation/cursor.js';
import { encodeObservation } from '../../domain/observation/encoded.js';
import type { LedgerEntry } from '../../domain/worker/ledger.js';
import { initialState } from '../../domain/worker/state.js';
import type {
  AppendBatch,
  AppendResult,
  EncodedObservation,
  LogPage,
  WorkerHead,
  WorkerLog,
} from '../../ports/worker-log.js';
import { within } from '../within.js';
import type { WorkerLogHarness } from './harness.js';

const epoch = Epoch('0badcafe');

export const newInputId = (): InputId => InputId(crypto.randomUUID());
export const accepted = (inputId: InputId, sequence = 1): LedgerEntry => ({
  inputId,
  digest: 'digest',
  state: 'accepted',
  cursor: formatCursor(epoch, Sequence(sequence)),
});

/** A notice whose text holds what a store might bend: line ends, characters of two and four bytes, a lone surrogate. */
function notice(sequence: number): EncodedObservation {
  return encodeObservation({
    cursor: formatCursor(epoch, Sequence(sequence)),
    sequence: Sequence(sequence),
    at: '2026-11-30T10:00:00.000Z',
    event: { type: 'notice', level: 'info', text: `${sequence}\r\n\u2028 é 😀 \ud800 "\\` },
  });
}
export const notices = (from: number, to: number): EncodedObservation[] =>
  Array.from({ length: to - from + 1 }, (_, index) => notice(from + index));

/** The sequences of a page, for comparison. */
export const sequencesOf = (observations: readonly EncodedObservation[]): readonly number[] =>
  observations.map(({ sequence }) => sequence);

/** What a case begins and awaits later: where the case fails in between, nobody hears how it ended. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** Somebody who follows a log. */
export class Follower {
  readonly #pages: AsyncIterator<LogPage>;
  readonly #signal: AbortSignal;

  constructor(pages: AsyncIterable<LogPage>, signal: AbortSignal) {
    this.#pages = pages[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<LogPage, unknown>> {
    return begun(within(this.#signal, 'the next page of a follower', this.#pages.next()));
  }

  /** The next `count` observations, whatever their pages. */
  take(count: number): Promise<EncodedObservation[]> {
    return begun(this.#take(count));
  }

  async #take(count: number): Promise<EncodedObservation[]> {
    const taken: EncodedObservation[] = [];
    while (taken.length < count) {
      const next = await this.next();
      assert.ok(!next.done, `the log ended after ${taken.length} of ${count} observations`);
      assert.ok(next.value.observations.length > 0, 'a follower gets no empty page');
      taken.push(...next.value.observations);
    }
    return taken;
  }

  assertEnded(): Promise<void> {
    return begun(this.#assertEnded());
  }

  async #assertEnded(): Promise<void> {
    assert.equal((await this.next()).done, true, 'the follower is at its end');
  }

  async leave(): Promise<void> {
    await within(this.#signal, 'the return of a follower', Promise.resolve(this.#pages.return?.()));
  }
}

/** The log of one Worker, as its one host sees it. */
export class LoggedWorker {
  readonly id = WorkerId(crypto.randomUUID());
  readonly #log: WorkerLog;
  readonly #signal: AbortSignal;
  #last = 0;
  #revision = 0;

  constructor(log: WorkerLog, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
  }

  /** The batch that would come next. */
  batch(count: number, inputs?: readonly LedgerEntry[]): AppendBatch {
    const last = this.#last + count;
    return { observations: notices(this.#last + 1, last), head: this.headAt(this.#revision + 1, last), inputs };
  }

  /** Appends one observation of each length, which is exceeded by what is around its text. */
  async appendOf(lengths: readonly number[]): Promise<void> {
    const batch = this.batch(lengths.length);
    const observations = batch.observations.map((observation, index) => ({
      ...observation,
      json: observation.json.replace('"text":"', `"text":"${'x'.repeat(lengths[index] ?? 0)}`),
    }));
    assert.equal(await this.attempt(this.#last, { ...batch, observations }), 'appended');
    this.#last += lengths.length;
    this.#revision += 1;
  }

  headAt(revision: number, sequence: number): WorkerHead {
    const status = { status: 'unconnected', reason: 'no-backend' } as const;
    return { ...initialState(this.id), revision, sequence: Sequence(sequence), status, profile: `r${revision}` };
  }

  /** Appends as its host does, and remembers what it did. */
  async append(count: number, inputs?: readonly LedgerEntry[]): Promise<AppendBatch> {
    const batch = this.batch(count, inputs);
    assert.equal(await this.attempt(this.#last, batch), 'appended');
    this.#last += count;
    this.#revision += 1;
    return batch;
  }

  attempt(after: number, batch: AppendBatch): Promise<AppendResult> {
    return within(this.#signal, 'the answer of append', this.#log.append(this.id, Sequence(after), batch));
  }

  read(after = 0, limit = 1_000): Promise<LogPage> {
    const page = this.#log.read(this.id, Sequence(after), limit, { signal: this.#signal });
    return within(this.#signal, 'a page', page);
  }

  follow(after = 0, signal = this.#signal): Follower {
    return new Follower(this.#log.follow(this.id, Sequence(after), { signal }), this.#signal);
  }

  head(): Promise<WorkerHead | undefined> {
    return within(this.#signal, 'a head', this.#log.head(this.id, { signal: this.#signal }));
  }

  input(inputId: InputId): Promise<LedgerEntry | undefined> {
    return within(this.#signal, 'a ledger entry', this.#log.input(this.id, inputId, { signal: this.#signal }));
  }

  trim(before: number): Promise<void> {
    return within(this.#signal, 'a trim', this.#log.trim(this.id, Sequence(before)));
  }

  remove(tombstone?: WorkerHead): Promise<void> {
    return within(this.#signal, 'a removal', this.#log.remove(this.id, tombstone));
  }

  /** That the log holds exactly what this host appended last. */
  async assertUnchanged(): Promise<void> {
    const page = await this.read();
    assert.deepEqual([page.last, (await this.head())?.revision ?? 0], [this.#last, this.#revision]);
  }
}

/** One log under test, for one case. */
export class Stage {
  readonly log: WorkerLog;
  readonly harness: WorkerLogHarness;
  readonly signal: AbortSignal;

  constructor(log: WorkerLog, harness: WorkerLogHarness, signal: AbortSignal) {
    this.log = log;
    this.harness = harness;
    this.signal = signal;
  }

  /** A Worker that nobody has heard of. */
  worker(): LoggedWorker {
    return new LoggedWorker(this.log, this.signal);
  }

  async heads(): Promise<WorkerHead[]> {
    const heads: WorkerHead[] = [];
    for await (const head of this.log.heads({ signal: this.signal })) heads.push(head);
    return heads;
  }
}
