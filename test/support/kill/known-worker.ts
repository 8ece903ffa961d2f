import type { Entry, Seen, View } from './answers.js';
import { sequenceOf } from './answers.js';
import { claim } from './claim.js';
import type { KnownInput } from './known-input.js';

/** Whether something was asked for, and whether it was told to be so. */
export type Wish = 'none' | 'asked' | 'told';

/** What was seen and told of a Worker, in all lives of its host: none of it may be taken back. */
export class KnownWorker {
  readonly workerId: string;
  readonly profile: string;
  readonly inputs = new Map<string, KnownInput>();
  /** Those that were told to be answered. */
  readonly answered = new Set<string>();
  /** Inputs that were told to be cancelled. */
  readonly cancelled = new Set<string>();
  readonly openQuestions = new Set<string>();
  stop: Wish = 'none';
  deletion: Wish = 'none';
  /** The latest that was told, for choosing what to ask. */
  status = 'idle';
  /** How often its execution had begun when it was told to be stopped. */
  beginsAtStop: number | undefined;
  readonly #observations = new Map<number, string>();
  readonly #cursors = new Map<number, string>();
  readonly #entries = new Map<string, string>();
  #highest = 0;

  constructor({ workerId, profile }: View) {
    this.workerId = workerId;
    this.profile = profile;
  }

  get path(): string {
    return `/workers/${this.workerId}`;
  }

  get highest(): number {
    return this.#highest;
  }

  get cursors(): readonly string[] {
    return [...this.#cursors.values()];
  }

  /** How many epochs its cursors are of. */
  get epochs(): number {
    return new Set(this.cursors.map((cursor) => cursor.slice(0, 'wo_00000000'.length))).size;
  }

  get isGone(): boolean {
    return this.deletion !== 'none';
  }

  /** An observation as it came, byte by byte. */
  observe(json: string): Seen {
    const seen = JSON.parse(json) as Seen;
    const { sequence, cursor, event } = seen;
    const known = this.#observations.get(sequence);
    claim(known === undefined || known === json, 'R1, O7: what was observed stays as it was', { known, json });
    this.#observations.set(sequence, json);
    claim(sequenceOf(cursor) === sequence, 'P5: a cursor holds its sequence', seen);
    this.told(cursor);
    if (event.type === 'worker-stopped') this.stop = 'told';
    if (event.type === 'worker-stopping' && this.stop === 'none') this.stop = 'asked';
    if (event.type === 'question-closed') this.openQuestions.delete(event.questionId ?? '');
    return seen;
  }

  /** A cursor that was handed out. */
  told(cursor: string): void {
    const sequence = sequenceOf(cursor);
    const known = this.#cursors.get(sequence);
    claim(known === undefined || known === cursor, 'P5: a sequence has one cursor', { known, cursor });
    this.#cursors.set(sequence, cursor);
    this.#highest = Math.max(this.#highest, sequence);
  }

  /** `before`: what was known when it was asked for. */
  view(view: View, before: { readonly stop: Wish; readonly highest: number }): void {
    claim(before.stop !== 'told' || view.status === 'stopped', 'W14: a stopped Worker stays stopped', view);
    claim(sequenceOf(view.lastCursor) >= before.highest, 'P4: nothing that was seen is gone', [view, before]);
    claim(view.reason !== 'log-damaged', 'R4: SIGKILL damages no log', view);
    this.told(view.lastCursor);
    this.status = view.status;
    if (view.status === 'stopped') this.stop = 'told';
    for (const { questionId } of view.openQuestions) this.openQuestions.add(questionId);
  }

  /** Entries of its transcript: those that are complete change no more. */
  entries(entries: readonly Entry[]): void {
    for (const entry of entries.filter(({ complete }) => complete)) {
      const key = `${entry.sequence} ${entry.id}`;
      const known = this.#entries.get(key);
      const json = JSON.stringify(entry);
      claim(known === undefined || known === json, 'R1: a complete entry stays as it was', { known, json });
      this.#entries.set(key, json);
    }
  }

  /** Something else than that it is missing was told. `before`: what was known of its deletion when it was asked for. */
  isThere(before: Wish, told: unknown): void {
    claim(before !== 'told', 'W13: a deleted Worker stays deleted', told);
  }

  /** It was told not to be there. */
  missing(): void {
    claim(this.deletion !== 'none', 'R1: a Worker is there until it is deleted', { workerId: this.workerId });
    this.deletion = 'told';
  }
}
