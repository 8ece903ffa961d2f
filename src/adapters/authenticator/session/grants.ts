import { randomBytes } from 'node:crypto';

import type { Admission } from '../../../ports/authenticator.js';
import type { Clock } from '../../../ports/clock.js';
import { hashOf, revocable } from '../revocable.js';

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

const keyOf = (secret: string): string => hashOf(secret).toString('base64');

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
    return this.#grants.get(keyOf(secret));
  }

  add(given: Admission): { readonly secret: string; readonly grant: Grant } {
    const { bits, lifeMs, most } = this.#limits;
    const secret = randomBytes(bits / 8).toString('base64url');
    const key = keyOf(secret);
    const { admission, revoke } = revocable(given.principal);
    const end = (): void => {
      inTime();
      given.revoked?.removeEventListener('abort', end);
      this.#grants.delete(key);
      revoke();
    };
    const inTime = this.#clock.after(lifeMs, end);
    given.revoked?.addEventListener('abort', end, { once: true });
    const expiresAt = this.#clock.now() + lifeMs;
    const grant: Grant = { given, admission, expiresAt, end };
    this.#grants.set(key, grant);
    if (given.revoked?.aborted) end();
    const [oldest] = this.#grants.values();
    if (this.#grants.size > most) oldest?.end();
    return { secret, grant };
  }
}
