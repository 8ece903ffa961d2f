import { Damage } from './damage.js';
import type { Engine } from './engine.js';
import { entriesOf } from './journal-record.js';
import { everyRecord, placedKey, recordNumberOf } from './keys.js';
import { Pending } from './pending.js';
import { unsealed } from './sealed.js';

export interface JournalFound {
  readonly pending: Pending;
  /** The number of the last record: the next one follows it. */
  readonly last: number;
  /** What could not be read, or was missing: the end of any log may be. */
  readonly problems: readonly string[];
}

/** Up to where the journal is in its place; `undefined` where that cannot be read. */
async function placedIn(engine: Engine): Promise<number | undefined> {
  try {
    const value = await engine.get(placedKey);
    return value ? Number(unsealed(placedKey, value)) : 0;
  } catch (cause) {
    if (cause instanceof Damage) return undefined;
    throw cause;
  }
}

async function readRecords(engine: Engine, placed: number | undefined, problems: string[]) {
  const pending = new Pending();
  let last = placed;
  try {
    for await (const [key, value] of engine.entries(everyRecord)) {
      const record = recordNumberOf(key);
      pending.addRecord(record, value.length);
      if (placed !== undefined && record <= placed) continue;
      if (last !== undefined && record !== last + 1) problems.push(`the journal misses what comes before ${key}`);
      last = record;
      addEntries(pending, key, value, problems);
    }
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    problems.push('the journal cannot be read to its end');
  }
  return { pending, last: last ?? 0 };
}

function addEntries(pending: Pending, key: string, value: Buffer, problems: string[]): void {
  try {
    for (const entry of entriesOf(key, value)) pending.add(entry);
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    problems.push(`${key} of the journal cannot be read`);
  }
}

/** What the journal holds. Where anything of it is not what was written, that is passed over. */
export async function readJournal(engine: Engine): Promise<JournalFound> {
  const problems: string[] = [];
  const placed = await placedIn(engine);
  if (placed === undefined) problems.push('how far the journal was read cannot be told');
  return { ...(await readRecords(engine, placed, problems)), problems };
}
