import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Authenticator, Principal, Scope } from '../../../ports/authenticator.js';

import type { TokenEntry } from './options.js';

const hashPattern = /^[0-9a-f]{64}$/;
const allScopes: readonly Scope[] = ['read', 'input', 'control'];

const hash = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/** What of a token is written into a configuration: its SHA-256, in hex. */
export const hashToken = (token: string): string => hash(token).toString('hex');

/** A token that nobody guesses: 256 random bits, fit for a header. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** The one who holds `token` may do everything. */
export const accessToken = (token: string, name = 'access'): TokenEntry => ({
  name,
  sha256: hashToken(token),
  scopes: allScopes,
});

function principalOf({ name, scopes, profiles, own }: TokenEntry): Principal {
  return Object.freeze({
    id: name,
    scopes: Object.freeze([...scopes]),
    profiles: profiles && Object.freeze([...profiles]),
    own,
  });
}

function read(entry: TokenEntry): { readonly digest: Buffer; readonly principal: Principal } {
  const sha256 = entry.sha256.toLowerCase();
  if (!hashPattern.test(sha256)) throw new TypeError(`token ${entry.name}: sha256 is not 64 hex digits`);
  return { digest: Buffer.from(sha256, 'hex'), principal: principalOf(entry) };
}

function refuseDoubles(values: readonly string[], what: string): void {
  if (new Set(values).size !== values.length) throw new TypeError(`two tokens have the same ${what}`);
}

/**
 * Knows its tokens by their hashes alone. Every token is compared with every hash, in constant time, so that a wrong one
 * takes as long as a right one. Throws where two entries share a name or a hash.
 */
export function tokenAuthenticator(entries: readonly TokenEntry[]): Authenticator {
  const known = entries.map(read);
  refuseDoubles(
    entries.map(({ name }) => name),
    'name',
  );
  refuseDoubles(
    known.map(({ digest }) => digest.toString('hex')),
    'sha256',
  );
  return {
    authenticate(token, { signal }) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      const digest = hash(token);
      let found: Principal | undefined;
      for (const entry of known) if (timingSafeEqual(entry.digest, digest)) found = entry.principal;
      return Promise.resolve(found && { principal: found });
    },
  };
}
