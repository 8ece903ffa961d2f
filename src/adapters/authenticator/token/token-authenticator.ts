import { randomBytes, timingSafeEqual } from 'node:crypto';

import type { Admission, Authenticator, Principal } from '../../../ports/authenticator.js';
import { scopes } from '../../../ports/authenticator.js';
import type { Revocable } from '../revocable.js';
import { hashOf, revocable } from '../revocable.js';

import type { TokenEntry } from './options.js';

const hashPattern = /^[0-9a-f]{64}$/;

/** What of a token is written into a configuration: its SHA-256, in hex. */
export const hashToken = (token: string): string => hashOf(token).toString('hex');

/** A token that nobody guesses: 256 random bits, fit for a header. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** The one who holds `token` may do everything. */
export const accessEntry = (token: string, name = 'access'): TokenEntry => ({
  name,
  sha256: hashToken(token),
  scopes,
});

function principalOf({ name, scopes, profiles, own }: TokenEntry): Principal {
  return Object.freeze({
    id: name,
    scopes: Object.freeze([...scopes]),
    profiles: profiles && Object.freeze([...profiles]),
    own,
  });
}

interface Known extends Revocable {
  readonly digest: Buffer;
  /** Says all of an entry: entries that say the same are the same. */
  readonly text: string;
}

const sorted = (values: readonly string[] | undefined): readonly string[] => [...new Set(values)].sort();

const textOf = ({ name, sha256, scopes, profiles, own = false }: TokenEntry): string =>
  JSON.stringify([name, sha256.toLowerCase(), sorted(scopes), profiles ? sorted(profiles) : null, own]);

function read(entry: TokenEntry): Known {
  const sha256 = entry.sha256.toLowerCase();
  if (entry.name.includes(':')) throw new TypeError(`token ${entry.name}: a name has no colon`);
  if (!hashPattern.test(sha256)) throw new TypeError(`token ${entry.name}: sha256 is not 64 hex digits`);
  return { ...revocable(principalOf(entry)), digest: Buffer.from(sha256, 'hex'), text: textOf(entry) };
}

function refuseDoubles(values: readonly string[], what: string): void {
  if (new Set(values).size !== values.length) throw new TypeError(`two tokens have the same ${what}`);
}

function readAll(entries: readonly TokenEntry[]): readonly Known[] {
  const known = entries.map(read);
  refuseDoubles(
    entries.map(({ name }) => name),
    'name',
  );
  refuseDoubles(
    known.map(({ digest }) => digest.toString('hex')),
    'sha256',
  );
  return known;
}

export interface TokenAuthenticator extends Authenticator {
  /**
   * From now on these tokens come in and no others. One whose entry is gone or says something else is revoked, and its
   * live streams end; the others notice nothing. Throws as `tokenAuthenticator` does, and then changes nothing.
   */
  replace(entries: readonly TokenEntry[]): void;
}

/**
 * Knows its tokens by their hashes alone. Every token is compared with every hash, in constant time, so that a wrong one
 * takes as long as a right one. Throws where two entries share a name or a hash.
 */
export function tokenAuthenticator(entries: readonly TokenEntry[]): TokenAuthenticator {
  let known = readAll(entries);
  return {
    authenticate(token, { signal }) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      const digest = hashOf(token);
      let found: Admission | undefined;
      for (const entry of known) if (timingSafeEqual(entry.digest, digest)) found = entry.admission;
      return Promise.resolve(found);
    },
    replace(next) {
      const before = new Map(known.map((entry) => [entry.text, entry]));
      known = readAll(next).map((entry) => before.get(entry.text) ?? entry);
      const kept = new Set(known);
      for (const entry of before.values()) if (!kept.has(entry)) entry.revoke();
    },
  };
}
