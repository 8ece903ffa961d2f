import type { Generation, Json } from '../../../domain/ids.js';
import { Generation as toGeneration } from '../../../domain/ids.js';
import type { Position } from '../../../ports/execution-backend.js';

/**
 * How the author counts its events where a take-over has changed the counting of the host: under `generation`, each
 * one `before` higher. `unclear`: between its events there are some that it did not say.
 */
export type AuthorCount = { readonly generation: Generation; readonly before: number } | 'unclear';

/** No author has names like these. */
const ownerField = '$owner';
const countField = '$count';

export interface KeptState {
  /** The key that the execution belongs to, where there are keys. */
  readonly owner: string | undefined;
  /** The author's own. */
  readonly recoverState: Json | undefined;
  /** None: the author counts as the host does. */
  readonly count: AuthorCount | undefined;
}

/**
 * What is given to a host to recover an execution by: with the key that it belongs to, so that it is nobody else's, and
 * with how its author counts, so that a position can be told, both also when this end was started anew (E6).
 */
export function keptState({ owner, recoverState, count }: KeptState): Json | undefined {
  if (owner === undefined && count === undefined) return recoverState;
  return {
    ...(owner !== undefined && { [ownerField]: owner }),
    ...(count !== undefined && { [countField]: count === 'unclear' ? count : { ...count } }),
    ...(recoverState !== undefined && { state: recoverState }),
  };
}

/** What was kept, for the key that it belongs to, or for nobody's; `undefined` for any other. */
export function ownState(owner: string | undefined, kept: Json | undefined): KeptState | undefined {
  const fields = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? (kept as Fields) : {};
  if (fields[ownerField] !== owner) return undefined;
  const isWrapped = ownerField in fields || countField in fields;
  return isWrapped
    ? { owner, recoverState: fields['state'], count: countOf(fields[countField]) }
    : { owner, recoverState: kept, count: undefined };
}

type Fields = Readonly<Record<string, Json | undefined>>;

const isInteger = (value: Json | undefined): value is number => Number.isSafeInteger(value);

function countOf(value: Json | undefined): AuthorCount | undefined {
  if (value === 'unclear') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { generation, before } = value as Fields;
  if (!isInteger(generation) || generation < 1 || !isInteger(before)) return undefined;
  return { generation: toGeneration(generation), before };
}

/** A position as the author counts. `undefined`: it cannot be told. */
export function authorsPosition(position: Position, count: AuthorCount | undefined): Position | undefined {
  if (count === undefined) return position;
  return count === 'unclear' ? undefined : { generation: count.generation, sequence: count.before + position.sequence };
}
