import type { JSONWebKeySet } from 'jose';

import type { Admission, Authenticator } from '../../../ports/authenticator.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';

import { Admissions } from './admissions.js';
import { expiryOf, principalOf } from './claims.js';
import { fetchKeys } from './fetch-keys.js';
import type { KeySource } from './key-source.js';
import { fetchedKeys, givenKeys, maxAgeMs } from './key-source.js';
import type { JwtOptions } from './options.js';
import { resolveJwtOptions } from './options.js';

/** Loaded with the first token that is asked about: most hosts take no JWTs, and a start is mostly loading. */
const verification = () => import('./verify.js');

/** How many verified tokens are remembered. */
const maxTokens = 10_000;

export interface JwtDependencies {
  readonly clock?: Clock | undefined;
  /** That of the platform. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Told at `debug` why a token is not good; never the token. */
  readonly logger?: Logger | undefined;
}

/** Disposed of it lets nobody in any more, and whom it let in is revoked. */
export interface JwtAuthenticator extends Authenticator, Disposable {}

function sourceOf({ keys, jwksUri }: JwtOptions, dependencies: JwtDependencies, clock: Clock): KeySource {
  const setOf = async (found: JSONWebKeySet) => (await import('jose')).createLocalJWKSet(found);
  if (keys) {
    const given = structuredClone(keys);
    return givenKeys(() => setOf(given));
  }
  const { fetch = globalThis.fetch } = dependencies;
  return fetchedKeys(async () => setOf(await fetchKeys(jwksUri, { fetch, clock })), clock);
}

/**
 * Knows the holders of JWTs that an issuer signed, by its public keys. What is no JWT of that issuer is not known, and
 * nothing is fetched for it. A token is revoked when it expires; one whose key the issuer takes back is let in for at most twenty
 * minutes more. Rejects where the keys cannot be had. Throws a `TypeError` for options of the wrong form.
 */
export function jwtAuthenticator(given: JwtOptions, dependencies: JwtDependencies = {}): JwtAuthenticator {
  const options = resolveJwtOptions(given);
  const { clock = systemClock, logger = nullLogger } = dependencies;
  const source = sourceOf(options, dependencies, clock);
  const admissions = new Admissions(clock, maxTokens);
  const disposal = new AbortController();

  const refuse = (token: string, reason: string, claim?: string): undefined => {
    logger.debug('token refused', { issuer: options.name, reason, ...(claim !== undefined && { claim }) });
    admissions.get(token)?.revoke();
    return undefined;
  };

  async function verified(token: string): Promise<Admission | undefined> {
    const { isCandidate, verify } = await verification();
    const now = clock.now();
    if (!isCandidate(token, options, now)) return undefined;
    const found = await verify(token, source, options, now);
    if (disposal.signal.aborted) return undefined;
    if ('reason' in found) return refuse(token, found.reason, found.claim);
    const { payload } = found;
    const principal = principalOf(payload, options);
    if (!principal) return refuse(token, 'ERR_JWT_CLAIM_VALIDATION_FAILED', 'sub');
    const expiresAt = expiryOf(payload, options);
    const verifiedUntil = Math.min(expiresAt, clock.now() + maxAgeMs);
    // It may have been let in already, or meanwhile: what it watches goes on.
    const before = admissions.get(token);
    if (before) before.verifiedUntil = verifiedUntil;
    return (before ?? admissions.add(token, principal, expiresAt, verifiedUntil)).admission;
  }

  return {
    async authenticate(token, { signal }) {
      signal.throwIfAborted();
      if (disposal.signal.aborted) return undefined;
      const known = admissions.get(token);
      if (known && clock.now() < known.verifiedUntil) return known.admission;
      const admission = await verified(token);
      signal.throwIfAborted();
      return admission;
    },
    [Symbol.dispose]() {
      disposal.abort();
      admissions.revokeAll();
    },
  };
}
