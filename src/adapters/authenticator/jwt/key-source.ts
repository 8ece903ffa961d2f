import type { LocalJWKSet } from 'jose';

import type { Clock } from '../../../ports/clock.js';

/** How old keys may be. One that its issuer takes back is good no longer than that. */
export const maxAgeMs = 600_000;
/** How soon keys are fetched again for a token that names one that is not there. */
const coolDownMs = 30_000;
/** How soon keys are asked for again after they could not be had. */
const retryMs = 1_000;

/** The public keys of an issuer. */
export interface KeySource {
  /** Rejects where they cannot be had now. */
  current(): Promise<LocalJWKSet>;
  /** Keys that came after those, or `undefined` where they were fetched only just now. Rejects where they cannot be had. */
  after(keys: LocalJWKSet): Promise<LocalJWKSet | undefined>;
}

export function givenKeys(load: () => Promise<LocalJWKSet>): KeySource {
  let found: Promise<LocalJWKSet> | undefined;
  return { current: () => (found ??= load()), after: () => Promise.resolve(undefined) };
}

interface Fetched {
  readonly keys: LocalJWKSet;
  readonly at: number;
}

/** Keys that are fetched when they are needed: once for all who wait, and not again at once, whatever tokens name. */
export function fetchedKeys(fetch: () => Promise<LocalJWKSet>, clock: Clock): KeySource {
  let last: Fetched | undefined;
  let failed: { readonly cause: unknown; readonly at: number } | undefined;
  let pending: Promise<LocalJWKSet> | undefined;

  const within = (at: number, ms: number): boolean => clock.now() - at < ms;

  async function load(): Promise<LocalJWKSet> {
    try {
      const keys = await fetch();
      last = { keys, at: clock.now() };
      failed = undefined;
      return keys;
    } catch (cause) {
      failed = { cause, at: clock.now() };
      throw cause;
    } finally {
      pending = undefined;
    }
  }
  function reload(): Promise<LocalJWKSet> {
    if (failed && within(failed.at, retryMs)) return Promise.reject(failed.cause);
    return (pending ??= load());
  }

  return {
    current: () => (last && within(last.at, maxAgeMs) ? Promise.resolve(last.keys) : reload()),
    async after(keys) {
      if (last && last.keys !== keys) return last.keys;
      return last && within(last.at, coolDownMs) ? undefined : reload();
    },
  };
}
