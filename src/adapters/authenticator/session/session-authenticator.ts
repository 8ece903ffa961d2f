import type { Sessions } from '../../../ports/authenticator.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';

import { Grants } from './grants.js';

const codeLimits = { bits: 128, lifeMs: 10 * 60_000, most: 64 };
const sessionLimits = { bits: 256, lifeMs: 12 * 60 * 60_000, most: 1024 };
/** Wrong codes in a minute. A right one is among 2^128. */
const maxWrong = 30;
const windowMs = 60_000;

/**
 * Sessions of this process: a code is good once and for ten minutes, a session for twelve hours, at most 1,024 at once;
 * the oldest goes. After thirty wrong codes in a minute none is looked at until that minute is over.
 */
export function sessionAuthenticator({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): Sessions {
  const codes = new Grants(clock, codeLimits);
  const sessions = new Grants(clock, sessionLimits);
  let wrong = 0;
  let windowEndsAt = 0;

  return {
    authenticate(token, { signal }) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      return Promise.resolve(sessions.find(token)?.admission);
    },
    issueCode: (admission) => codes.add(admission).secret,
    exchange(code) {
      const now = clock.now();
      if (now >= windowEndsAt) {
        wrong = 0;
        windowEndsAt = now + windowMs;
      }
      if (wrong >= maxWrong) {
        return Promise.resolve({ outcome: 'limited', limit: maxWrong, retryAfterMs: windowEndsAt - now });
      }
      const found = codes.find(code);
      if (!found) {
        wrong += 1;
        return Promise.resolve({ outcome: 'unknown' });
      }
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
