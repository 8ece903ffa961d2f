import type { WorkerId } from '../../../domain/ids.js';
import { Damage } from './damage.js';
import type { Engine, Operation } from './engine.js';
import { everyFirst, firstKey } from './keys.js';
import { sealed, unsealed } from './sealed.js';

/** Where a log begins that was trimmed: written with each trim, so that a beginning that is missing is seen. */
export function firstPut(workerId: WorkerId, first: number): Operation {
  const key = firstKey(workerId);
  return { type: 'put', key, value: sealed(key, String(first)) };
}

/** The first retained sequence. Where that cannot be read: any, and `isKnown` is false. */
export async function firstRetained(
  engine: Engine,
  workerId: WorkerId,
): Promise<{ readonly first: number; readonly isKnown: boolean }> {
  const key = firstKey(workerId);
  try {
    const value = await engine.get(key);
    return { first: value ? Number(unsealed(key, value)) : 1, isKnown: true };
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    return { first: 1, isKnown: false };
  }
}

/** The first retained sequences by their keys, of all logs that were trimmed. Throws `Damage`. */
export async function everyFirstRetained(engine: Engine): Promise<ReadonlyMap<string, number>> {
  const firsts = new Map<string, number>();
  for await (const [key, value] of engine.entries(everyFirst)) firsts.set(key, Number(unsealed(key, value)));
  return firsts;
}
