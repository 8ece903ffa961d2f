import type { Json } from '../../../domain/ids.js';

/** No author has a name like it. */
const ownerField = '$owner';

/**
 * What a host keeps to recover an execution by, with the id of the key that it belongs to: so it is nobody else's, also
 * when this end was started anew (E6).
 */
export const withOwner = (owner: string | undefined, recoverState: Json | undefined): Json | undefined =>
  owner === undefined
    ? recoverState
    : { [ownerField]: owner, ...(recoverState !== undefined && { state: recoverState }) };

/** What the author gave of what was kept, for the key that it belongs to, or for nobody's; `undefined` for any other. */
export function withoutOwner(
  owner: string | undefined,
  kept: Json | undefined,
): { readonly recoverState: Json | undefined } | undefined {
  const first = typeof kept === 'object' && kept !== null && ownerField in kept ? kept : undefined;
  if (owner !== first?.[ownerField]) return undefined;
  return { recoverState: first ? first['state'] : kept };
}
