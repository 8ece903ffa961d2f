import { describe, expect, it } from 'vitest';

import { sessionAuthenticator } from '../../../../src/adapters/authenticator/session/index.js';
import type { Principal } from '../../../../src/ports/authenticator.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const { signal } = new AbortController();
const principal: Principal = { id: 'ada', scopes: ['read'], own: true };
const minuteMs = 60_000;

function scene() {
  const clock = virtualClock(1_800_000_000_000);
  const sessions = sessionAuthenticator({ clock });
  async function open(code = sessions.issueCode({ principal })): Promise<string> {
    const exchange = await sessions.exchange(code);
    if (exchange.outcome !== 'exchanged') throw new Error(exchange.outcome);
    return exchange.token;
  }
  const ask = (token: string) => sessions.authenticate(token, { signal });
  return { clock, sessions, open, ask };
}

describe('a code', () => {
  it('has 128 bits and fits a fragment; each is another one', () => {
    const { sessions } = scene();
    const codes = Array.from({ length: 50 }, () => sessions.issueCode({ principal }));
    expect(codes.every((code) => /^[A-Za-z0-9_-]{22}$/.test(code))).toBe(true);
    expect(new Set(codes).size).toBe(50);
  });

  it('is exchanged once, for a token of 256 bits that is its principal for twelve hours', async () => {
    const { clock, sessions, ask } = scene();
    const code = sessions.issueCode({ principal });
    const exchange = await sessions.exchange(code);
    expect(exchange).toEqual({
      outcome: 'exchanged',
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      expiresAt: clock.now() + 12 * 60 * minuteMs,
    });
    expect(await sessions.exchange(code)).toEqual({ outcome: 'unknown' });
    const admission = 'token' in exchange ? await ask(exchange.token) : undefined;
    expect(admission?.principal).toBe(principal);
  });

  it('is good for ten minutes', async () => {
    const { clock, sessions } = scene();
    const [early, late] = [sessions.issueCode({ principal }), sessions.issueCode({ principal })];
    await clock.advance(10 * minuteMs - 1);
    expect((await sessions.exchange(early)).outcome).toBe('exchanged');
    await clock.advance(1);
    expect((await sessions.exchange(late)).outcome).toBe('unknown');
  });

  it('is no token, and a token no code', async () => {
    const { sessions, open, ask } = scene();
    expect(await ask(sessions.issueCode({ principal }))).toBeUndefined();
    expect((await sessions.exchange(await open())).outcome).toBe('unknown');
  });

  it('goes when more than 64 are out: the oldest first', async () => {
    const { sessions } = scene();
    const codes = Array.from({ length: 65 }, () => sessions.issueCode({ principal }));
    const exchanges = await Promise.all(codes.map((code) => sessions.exchange(code)));
    expect(exchanges.map(({ outcome }) => outcome)).toEqual(['unknown', ...Array<string>(64).fill('exchanged')]);
  });

  it('and its session are good no longer than the admission they were made of', async () => {
    const { sessions, open, ask } = scene();
    const revocation = new AbortController();
    const admission = { principal, revoked: revocation.signal };
    const [token, code] = [await open(sessions.issueCode(admission)), sessions.issueCode(admission)];
    const session = await ask(token);
    revocation.abort();
    expect([session?.revoked?.aborted, await ask(token)]).toEqual([true, undefined]);
    expect((await sessions.exchange(code)).outcome).toBe('unknown');
    expect((await sessions.exchange(sessions.issueCode(admission))).outcome).toBe('unknown');
  });

  it('that is wrong after thirty others is limited until the minute is over; a right one is exchanged', async () => {
    const { clock, sessions } = scene();
    const right = sessions.issueCode({ principal });
    await sessions.exchange('wrong');
    await clock.advance(20_000);
    for (let tries = 1; tries < 30; tries += 1) {
      expect(await sessions.exchange('x'.repeat(tries))).toEqual({ outcome: 'unknown' });
    }
    const limited = { outcome: 'limited', limit: 30, retryAfterMs: 40_000 };
    expect(await sessions.exchange('wrong')).toEqual(limited);
    expect((await sessions.exchange(right)).outcome).toBe('exchanged');
    expect([await sessions.exchange(right), await sessions.exchange('wrong')]).toEqual([limited, limited]);
    await clock.advance(40_000);
    expect(await sessions.exchange('wrong')).toEqual({ outcome: 'unknown' });
  });
});

describe('a session', () => {
  it.each(['', 'x', 'x'.repeat(43)])('is none by the token %j', async (token) => {
    const { open, ask } = scene();
    await open();
    expect(await ask(token)).toBeUndefined();
  });

  it('that is ended is revoked, and the others are not', async () => {
    const { sessions, open, ask } = scene();
    const [one, two] = [await open(), await open()];
    const admission = await ask(one);
    expect([await sessions.end(one), await sessions.end(one), await sessions.end('x')]).toEqual([true, false, false]);
    expect([admission?.revoked?.aborted, await ask(one)]).toEqual([true, undefined]);
    expect((await ask(two))?.revoked?.aborted).toBe(false);
  });

  it('is revoked after twelve hours, and leaves nothing', async () => {
    const { clock, open, ask } = scene();
    const token = await open();
    const admission = await ask(token);
    await clock.advance(12 * 60 * minuteMs);
    expect([admission?.revoked?.aborted, await ask(token), clock.pending]).toEqual([true, undefined, 0]);
  });

  it('is revoked when more than 1,024 are open and it is the oldest', async () => {
    const { open, ask } = scene();
    const first = await open();
    const admission = await ask(first);
    for (let count = 0; count < 1023; count += 1) await open();
    expect(admission?.revoked?.aborted).toBe(false);
    await open();
    expect([admission?.revoked?.aborted, await ask(first)]).toEqual([true, undefined]);
  });

  it('an aborted call rejects with the reason', async () => {
    const { sessions } = scene();
    const reason = new Error('gone');
    await expect(sessions.authenticate('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
