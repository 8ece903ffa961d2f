import { createHash, randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';

import type { Admission } from '../../../ports/authenticator.js';
import type { Clock } from '../../../ports/clock.js';

export interface GrantLimits {
  /** Random bits of a secret. */
  readonly bits: number;
  readonly lifeMs: number;
  /** At once: the oldest goes. */
  readonly most: number;
}

export interface Grant {
  /** Whom the grant was made for. */
  readonly given: Admission;
  /** The same, for as long as the grant is good. */
  readonly admission: Admission;
  readonly expiresAt: number;
  end(): void;
}

const hash = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('base64');

/** Secrets that stand for somebody, known by their hashes alone: bounded, and good for a time. */
export class Grants {
  readonly #clock: Clock;
  readonly #limits: GrantLimits;
  readonly #grants = new Map<string, Grant>();

  constructor(clock: Clock, limits: GrantLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** By the hash: the time it takes tells nothing of the secrets that there are. */
  find(secret: string): Grant | undefined {
    return this.#grants.get(hash(secret));
  }

  add(given: Admission): { readonly secret: string; readonly grant: Grant } {
    const { bits, lifeMs, most } = this.#limits;
    const secret = randomBytes(bits / 8).toString('base64url');
    const key = hash(secret);
    const revocation = new AbortController();
    setMaxListeners(0, revocation.signal);
    const end = (): void => {
      inTime();
      given.revoked?.removeEventListener('abort', end);
      this.#grants.delete(key);
      revocation.abort();
    };
    const inTime = this.#clock.after(lifeMs, end);
    given.revoked?.addEventListener('abort', end, { once: true });
    const expiresAt = this.#clock.now() + lifeMs;
    const admission = { principal: given.principal, revoked: revocation.signal };
    const grant: Grant = { given, admission, expiresAt, end };
    this.#grants.set(key, grant);
    if (given.revoked?.aborted) end();
    const [oldest] = this.#grants.values();
    if (this.#grants.size > most) oldest?.end();
    return { secret, grant };
  }
}
