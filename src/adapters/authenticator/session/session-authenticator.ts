import type { Exchange, Sessions } from '../../../ports/authenticator.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';

import { Grants } from './grants.js';

const codeLimits = { bits: 128, lifeMs: 10 * 60_000, most: 64 };
const sessionLimits = { bits: 256, lifeMs: 12 * 60 * 60_000, most: 1024 };
/** Wrong codes in a minute that are not limited. */
const maxWrong = 30;
const windowMs = 60_000;

/**
 * Sessions of this process: a code is good once and for ten minutes, a session for twelve hours, at most 1,024 at once;
 * the oldest goes. After thirty wrong codes in a minute every further wrong one is limited until that minute is over; a right
 * one is always exchanged, so that nobody locks another out.
 */
export function sessionAuthenticator({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): Sessions {
  const codes = new Grants(clock, codeLimits);
  const sessions = new Grants(clock, sessionLimits);
  let wrong = 0;
  let windowEndsAt = 0;

  function refused(): Exchange {
    const now = clock.now();
    if (now >= windowEndsAt) {
      wrong = 0;
      windowEndsAt = now + windowMs;
    }
    wrong += 1;
    if (wrong <= maxWrong) return { outcome: 'unknown' };
    return { outcome: 'limited', limit: maxWrong, retryAfterMs: windowEndsAt - now };
  }

  return {
    authenticate(token, { signal }) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      return Promise.resolve(sessions.find(token)?.admission);
    },
    issueCode: (admission) => codes.add(admission).secret,
    exchange(code) {
      const found = codes.find(code);
      if (!found) return Promise.resolve(refused());
      found.end();
      const { secret: token, grant } = sessions.add(found.given);
      return Promise.resolve({ outcome: 'exchanged', token, expiresAt: grant.expiresAt });
    },
    end(token) {
      const found = sessions.find(token);
      found?.end();
      return Promise.resolve(found !== undefined);
    },
  };
}
