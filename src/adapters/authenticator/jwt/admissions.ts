import type { Principal } from '../../../ports/authenticator.js';
import type { Clock } from '../../../ports/clock.js';
import type { Revocable } from '../revocable.js';
import { hashOf, revocable } from '../revocable.js';

/** The longest that a timer of Node.js waits. */
const longestMs = 2 ** 31 - 1;

function at(clock: Clock, time: number, run: () => void): () => void {
  let takeBack = (): void => undefined;
  const arm = (): void => {
    const leftMs = Math.max(0, time - clock.now());
    takeBack = clock.after(Math.min(leftMs, longestMs), leftMs > longestMs ? arm : run);
  };
  arm();
  return () => takeBack();
}

export interface KnownToken extends Revocable {
  readonly expiresAt: number;
  /** Until when it need not be verified again. */
  verifiedUntil: number;
}

const keyOf = (token: string): string => hashOf(token).toString('base64');

/**
 * Tokens that were verified, by their hashes: at most so many, the one that was verified longest ago goes. Each is
 * revoked when it expires, whether it is remembered or not.
 */
export class Admissions {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #known = new Map<string, KnownToken>();
  /** Every token that was let in and has not expired, remembered or not: one that comes again is the same. */
  readonly #living = new Map<string, KnownToken>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  get(token: string): KnownToken | undefined {
    return this.#known.get(keyOf(token));
  }

  add(token: string, principal: Principal, expiresAt: number, verifiedUntil: number): KnownToken {
    const key = keyOf(token);
    const entry = this.#living.get(key) ?? this.#born(key, principal, expiresAt);
    entry.verifiedUntil = verifiedUntil;
    this.#known.set(key, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
    return entry;
  }

  #born(key: string, principal: Principal, expiresAt: number): KnownToken {
    const born = revocable(principal);
    const revoke = (): void => {
      inTime();
      this.#living.delete(key);
      this.#known.delete(key);
      born.revoke();
    };
    const inTime = at(this.#clock, expiresAt, revoke);
    const entry = { ...born, expiresAt, verifiedUntil: 0, revoke };
    this.#living.set(key, entry);
    return entry;
  }

  revokeAll(): void {
    for (const { revoke } of [...this.#living.values()]) revoke();
  }
}
