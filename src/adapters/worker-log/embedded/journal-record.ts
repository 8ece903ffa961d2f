import { Sequence, WorkerId } from '../../../domain/ids.js';
import type { EncodedObservation } from '../../../domain/observation/encoded.js';
import { InputId } from '../../../domain/ids.js';
import type { AppendBatch } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import type { Operation } from './engine.js';
import { headText } from './head-record.js';
import { journalKey } from './keys.js';
import { sealed, unsealed } from './sealed.js';

/** What one append changes, before it is in its place: texts, as they will be there. */
export interface Entry {
  readonly workerId: WorkerId;
  readonly head: string;
  readonly observations: readonly EncodedObservation[];
  readonly inputs: readonly { readonly inputId: InputId; readonly json: string }[];
}

const none: Entry['inputs'] = [];

export function entryOf(workerId: WorkerId, batch: AppendBatch, isTombstone: boolean): Entry {
  const { observations, head, inputs = [] } = batch;
  return {
    workerId,
    head: headText({ head, isTombstone }),
    observations,
    inputs:
      inputs.length === 0 ? none : inputs.map((entry) => ({ inputId: entry.inputId, json: JSON.stringify(entry) })),
  };
}

/** About how long its text is. */
export function lengthOf({ head, observations, inputs }: Entry): number {
  let length = head.length;
  for (const { json } of observations) length += json.length;
  for (const { json } of inputs) length += json.length;
  return length;
}

/** JSON holds no line feed: lines need no lengths. */
function linesOf(entries: readonly Entry[]): readonly string[] {
  const lines: string[] = [];
  for (const { workerId, head, observations, inputs } of entries) {
    const first = String(observations[0]?.sequence ?? 1);
    lines.push(`${workerId} ${first} ${String(observations.length)} ${String(inputs.length)}`, head);
    for (const { json } of observations) lines.push(json);
    for (const { inputId, json } of inputs) lines.push(inputId, json);
  }
  return lines;
}

/** The record of one group: one value, however many Workers have something in it. */
export function recordPut(number: number, entries: readonly Entry[]) {
  const key = journalKey(number);
  return { type: 'put', key, value: sealed(key, linesOf(entries).join('\n')) } as const satisfies Operation;
}

/** Throws `Damage`. */
export function entriesOf(key: string, value: Buffer): readonly Entry[] {
  const lines = unsealed(key, value).split('\n');
  const entries: Entry[] = [];
  let at = 0;
  const next = (): string => {
    const line = lines[at++];
    if (line === undefined) throw new Damage('a record of the journal has not what it says');
    return line;
  };
  while (at < lines.length) {
    const [workerId = '', first, count, inputs] = next().split(' ');
    entries.push({
      workerId: WorkerId(workerId),
      head: next(),
      observations: Array.from({ length: Number(count) }, (_, index) => {
        return { sequence: Sequence(Number(first) + index), json: next() };
      }),
      inputs: Array.from({ length: Number(inputs) }, () => ({ inputId: InputId(next()), json: next() })),
    });
  }
  return entries;
}
