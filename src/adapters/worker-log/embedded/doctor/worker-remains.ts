import { Sequence } from '../../../../domain/ids.js';
import type { InputId, WorkerId } from '../../../../domain/ids.js';
import { cursorOf, parseObservation } from '../../../../domain/observation/encoded.js';
import type { EncodedObservation } from '../../../../domain/observation/encoded.js';
import type { LedgerEntry } from '../../../../domain/worker/ledger.js';
import { initialState, isDamaged } from '../../../../domain/worker/state.js';
import type { WorkerState } from '../../../../domain/worker/state.js';
import { chunksAfter, chunkOf } from '../chunk.js';
import { Damage } from '../damage.js';
import type { Engine, Operation } from '../engine.js';
import { firstPut, firstRetained } from '../first-retained.js';
import { foldObservation } from '../fold-observation.js';
import type { HeadRecord } from '../head-record.js';
import { headPut, headRecordOf } from '../head-record.js';
import { everyInputOf, headKey, inputKey } from '../keys.js';
import { sealed, unsealed } from '../sealed.js';
import { mendedHead } from './mended-head.js';

/** What takes the records that are kept. */
export type Sink = (operations: readonly Operation[]) => Promise<void>;

/** What of a Worker can be read, and what is wrong with it: nothing, where `problems` is empty. */
export interface WorkerReport {
  readonly workerId: WorkerId;
  readonly first: number;
  /** The last sequence that can be read; `first - 1` for none. */
  readonly last: number;
  /** What its head says; absent where that cannot be read. */
  readonly sequence?: number;
  readonly problems: readonly string[];
}

interface Remains {
  readonly problems: string[];
  /** Of the inputs that were accepted where it can be read: where. */
  readonly accepted: Map<InputId, EncodedObservation>;
  folded: WorkerState;
}

async function readHead(engine: Engine, workerId: WorkerId, problems: string[]): Promise<HeadRecord | undefined> {
  const key = headKey(workerId);
  try {
    const value = await engine.get(key);
    if (value) return headRecordOf(key, value);
    problems.push('its head is lost');
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    problems.push('its head cannot be read');
  }
  return undefined;
}

interface LogReading {
  readonly engine: Engine;
  readonly first: number;
  readonly last: number;
  readonly remains: Remains;
  readonly sink: Sink;
}

/** Observations go as they are; a log ends before the first that is not what was written. */
async function readLog({ engine, first, last, remains, sink }: LogReading): Promise<void> {
  const { workerId } = remains.folded;
  try {
    for await (const observations of chunksAfter(engine, workerId, { after: first - 1, last, first })) {
      const chunk = chunkOf(workerId, observations);
      if (chunk) await sink([chunk]);
      for (const encoded of observations) {
        const observation = parseObservation(encoded);
        remains.folded = foldObservation(remains.folded, observation);
        if (observation.event.type !== 'input-accepted' || observation.inputId === undefined) continue;
        remains.accepted.set(observation.inputId, encoded);
      }
    }
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    remains.problems.push(`sequence ${String(remains.folded.sequence + 1)} cannot be read`);
  }
}

/** An input that was accepted and of which nothing else is known is never taken again: no content has this digest. */
const rebuiltEntry = (inputId: InputId, encoded: EncodedObservation): LedgerEntry => {
  return { inputId, digest: '', state: 'accepted', cursor: cursorOf(encoded) };
};

async function readInputs(engine: Engine, { folded, accepted, problems }: Remains, sink: Sink): Promise<void> {
  const { workerId } = folded;
  let lost = 0;
  try {
    for await (const [key, value] of engine.entries(everyInputOf(workerId))) {
      try {
        accepted.delete((JSON.parse(unsealed(key, value)) as LedgerEntry).inputId);
        await sink([{ type: 'put', key, value }]);
      } catch (cause) {
        if (!(cause instanceof Damage)) throw cause;
        lost += 1;
      }
    }
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    lost += 1;
  }
  if (lost > 0 || accepted.size > 0) problems.push('what became of some of its inputs cannot be read');
  for (const [inputId, encoded] of accepted) {
    const key = inputKey(workerId, inputId);
    await sink([{ type: 'put', key, value: sealed(key, JSON.stringify(rebuiltEntry(inputId, encoded))) }]);
  }
}

async function readBeginning(engine: Engine, workerId: WorkerId, problems: string[]): Promise<number> {
  const { first, isKnown } = await firstRetained(engine, workerId);
  if (!isKnown) problems.push('where its log begins cannot be read');
  return first;
}

/**
 * Reads a Worker to the end of what can be read, and hands over what is kept of it: everything as it is where nothing
 * is wrong, else what comes before the damage and a head that fits.
 */
export async function readRemains(engine: Engine, workerId: WorkerId, sink: Sink): Promise<WorkerReport> {
  const problems: string[] = [];
  const record = await readHead(engine, workerId, problems);
  if (record?.isTombstone) {
    await sink([headPut(workerId, record)]);
    return { workerId, first: 1, last: 0, sequence: 0, problems };
  }
  const head = record?.head;
  const first = await readBeginning(engine, workerId, problems);
  const remains: Remains = { problems, accepted: new Map(), folded: { ...initialState(workerId) } };
  await readLog({ engine, first, last: head?.sequence ?? Infinity, remains, sink });
  const last = Math.max(remains.folded.sequence, first - 1);
  await readInputs(engine, remains, sink);
  if (head && isDamaged(head)) problems.push('a host found it damaged');
  const isLogWhole = problems.length === 0;
  const kept = isLogWhole ? head : mendedHead(head, { ...remains.folded, sequence: Sequence(last) });
  if (kept) await sink([headPut(workerId, { head: kept, isTombstone: false })]);
  if (first > 1) await sink([firstPut(workerId, first)]);
  return { workerId, first, last, ...(head && { sequence: head.sequence }), problems };
}
