import type { Json } from '../../../domain/ids.js';

/**
 * What a host keeps to recover an execution by, with the id of the key that it belongs to: so it is nobody else's, also
 * when this end was started anew (E6).
 */
export const withOwner = (owner: string | undefined, recoverState: Json | undefined): Json | undefined =>
  owner === undefined ? recoverState : { owner, ...(recoverState !== undefined && { state: recoverState }) };

/** What the author gave of what was kept, for the key that it belongs to; `undefined` for any other. */
export function withoutOwner(
  owner: string | undefined,
  kept: Json | undefined,
): { readonly recoverState: Json | undefined } | undefined {
  if (owner === undefined) return { recoverState: kept };
  if (typeof kept !== 'object' || kept === null || !('owner' in kept) || kept['owner'] !== owner) return undefined;
  return { recoverState: kept['state'] };
}
