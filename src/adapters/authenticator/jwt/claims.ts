import type { JWTPayload } from 'jose';

import type { Principal, Scope } from '../../../ports/authenticator.js';
import { scopes } from '../../../ports/authenticator.js';

import type { ResolvedJwtOptions } from './options.js';

/** Nothing that could break a line of a log or an id. */
const subjectPattern = /^[\x21-\x7e]{1,255}$/;

const isText = (value: unknown): value is string => typeof value === 'string';

function textsOf(value: unknown): readonly string[] {
  if (isText(value)) return [value];
  return Array.isArray(value) ? value.filter(isText) : [];
}

/** `scope` is a text with spaces (RFC 9068); some issuers have `scp`, a text or a list. */
function grantedBy({ scope, scp }: JWTPayload, prefix: string): readonly Scope[] {
  const granted = new Set([...textsOf(scope), ...textsOf(scp)].flatMap((text) => text.split(' ')));
  return scopes.filter((known) => granted.has(prefix + known));
}

function profilesOf(payload: JWTPayload, options: ResolvedJwtOptions): readonly string[] | undefined {
  const { profiles, profilesClaim } = options;
  if (profilesClaim === undefined) return profiles;
  const listed = textsOf(payload[profilesClaim]);
  return profiles ? listed.filter((name) => profiles.includes(name)) : listed;
}

/** Who the holder of a verified token is; `undefined` for a subject that makes no id. */
export function principalOf(payload: JWTPayload, options: ResolvedJwtOptions): Principal | undefined {
  const { name, scopePrefix, ownClaim, own = false } = options;
  const { sub } = payload;
  if (sub === undefined || !subjectPattern.test(sub)) return undefined;
  const profiles = profilesOf(payload, options);
  return Object.freeze({
    id: `${name}:${sub}`,
    scopes: Object.freeze(grantedBy(payload, scopePrefix)),
    profiles: profiles && Object.freeze([...profiles]),
    own: own || (ownClaim !== undefined && payload[ownClaim] !== false),
  });
}

/** When a token is good no longer; it was never good where it does not say. */
export const expiryOf = ({ exp = 0 }: JWTPayload, { clockToleranceMs }: ResolvedJwtOptions): number =>
  exp * 1000 + clockToleranceMs;
