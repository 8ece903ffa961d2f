import { describe, expect, test } from 'vitest';

import { session } from '../../../../src/adapters/browser-gateway/console/page/session.js';
import type { SessionState } from '../../../../src/adapters/browser-gateway/console/page/session.js';

const code = 'c'.repeat(22);

type Answer = readonly [status: number, body?: object] | 'unreachable';

/** A host that takes the token `good`, and one code; what it was asked is kept. */
function opened(stored: string | undefined, answers: { readonly [path: string]: Answer | undefined } = {}) {
  const kept = new Map<string, string>(stored === undefined ? [] : [['workport.token', stored]]);
  const asked: string[] = [];
  const states: SessionState[] = [];
  const fetch = async (path: string, { method = 'GET', headers = {} }: RequestInit = {}): Promise<Response> => {
    const { authorization } = headers as Record<string, string>;
    asked.push([method, path, authorization].filter(Boolean).join(' '));
    const usual: Answer = path.endsWith('session')
      ? [200, { token: 'good', expiresAt: '2026-11-30T00:00:00.000Z' }]
      : [authorization === 'Bearer good' ? 200 : 401, { code: 'unauthenticated' }];
    const answer = answers[path] ?? usual;
    if (answer === 'unreachable') throw new TypeError('fetch failed');
    const [status, body] = answer;
    return new Response(method === 'DELETE' ? null : JSON.stringify(body ?? {}), { status });
  };
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const made = session({ fetch, storage });
  made.state.subscribe(() => states.push(made.state.get()));
  return { made, kept, asked, states };
}

const closed = (why: string) => ({ is: 'closed', why });

describe('at the start of a page', () => {
  test('a code is exchanged, and its token is kept and used', async () => {
    const { made, kept, asked } = opened(undefined);
    await made.open(code);
    expect(made.state.get()).toEqual({ is: 'open' });
    expect(made.token()).toBe('good');
    expect([...kept.values()]).toEqual(['good']);
    expect(asked).toEqual(['POST /api/v1/session', 'GET /api/v1/runtimes Bearer good']);
  });

  test('the token of before is used', async () => {
    const { made } = opened('good');
    await made.open(undefined);
    expect(made.state.get()).toEqual({ is: 'open' });
  });

  test('a host that asks for no token is open without one', async () => {
    const { made, kept } = opened(undefined, { '/api/v1/runtimes': [200] });
    await made.open(undefined);
    expect(made.state.get()).toEqual({ is: 'open' });
    expect(kept.size).toBe(0);
  });

  test.for<readonly [string, string | undefined, string | undefined, Record<string, Answer>, string]>([
    ['nothing is given', undefined, undefined, {}, 'nothing-given'],
    ['the session of before is over', 'old', undefined, {}, 'session-ended'],
    ['the code is used', undefined, code, { '/api/v1/session': [401, { code: 'unauthenticated' }] }, 'code-refused'],
    ['too many codes were wrong', undefined, code, { '/api/v1/session': [429, { code: 'quota-exceeded' }] }, 'limited'],
    ['there is no host', 'good', undefined, { '/api/v1/runtimes': 'unreachable' }, 'unreachable'],
    ['there is no host for a code', undefined, code, { '/api/v1/session': 'unreachable' }, 'unreachable'],
    ['what answers is no host', undefined, code, { '/api/v1/session': [502] }, 'code-refused'],
  ])('where %s it says so', async ([, stored, link, answers, why]) => {
    const { made } = opened(stored, answers);
    await made.open(link);
    expect(made.state.get()).toEqual(closed(why));
  });

  test('a host that is not there costs nobody the token', async () => {
    const { made, kept } = opened('good', { '/api/v1/runtimes': 'unreachable' });
    await made.open(undefined);
    expect([...kept.values()]).toEqual(['good']);
  });
});

describe('a code that is refused', () => {
  const used = { '/api/v1/session': [401, { code: 'unauthenticated' }] } as const;

  test('costs nobody the session that the tab has', async () => {
    const { made } = opened('good', used);
    await made.open(code);
    expect(made.state.get()).toEqual({ is: 'open' });
    expect(made.token()).toBe('good');
  });

  test('is needed by nobody where the host asks for no token', async () => {
    const { made } = opened(undefined, {
      '/api/v1/session': [404, { code: 'route-unknown' }],
      '/api/v1/runtimes': [200],
    });
    await made.open(code);
    expect(made.state.get()).toEqual({ is: 'open' });
  });
});

test('the token of a code is kept where the host is gone right after', async () => {
  const { made, kept } = opened(undefined, { '/api/v1/runtimes': 'unreachable' });
  await made.open(code);
  expect(made.state.get()).toEqual(closed('unreachable'));
  expect([...kept.values()]).toEqual(['good']);
});

test('an answer to a code that is no JSON is no token', async () => {
  const storage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  const fetch = async (path: string) => new Response('<html>', { status: path.endsWith('session') ? 200 : 401 });
  const made = session({ fetch, storage });
  await made.open(code);
  expect(made.state.get()).toEqual(closed('code-refused'));
});

describe('by hand', () => {
  test('an access token signs in, with what stands around it', async () => {
    const { made, kept } = opened(undefined);
    await made.signIn('  good\n');
    expect(made.state.get()).toEqual({ is: 'open' });
    expect([...kept.values()]).toEqual(['good']);
  });

  test('a code signs in', async () => {
    const { made } = opened(undefined);
    await made.signIn(code);
    expect(made.state.get()).toEqual({ is: 'open' });
    expect(made.token()).toBe('good');
  });

  test.for(['to\u0137en', 'two words', 'new\nline', '\u{1F511}'])('%j is no token, and is not sent', async (given) => {
    const { made, asked } = opened(undefined);
    await made.signIn(given);
    expect(made.state.get()).toEqual(closed('token-refused'));
    expect(asked).toEqual([]);
  });

  test('a wrong token is not kept', async () => {
    const { made, kept } = opened(undefined);
    await made.signIn('wrong');
    expect(made.state.get()).toEqual(closed('token-refused'));
    expect(kept.size).toBe(0);
  });
});

test('a request that is refused ends the session once, and forgets its token', async () => {
  const { made, kept, states } = opened('good');
  await made.open(undefined);
  made.refused('good');
  made.refused('good');
  expect(states.slice(-2)).toEqual([{ is: 'open' }, closed('session-ended')]);
  expect(kept.size).toBe(0);
});

test('a late answer to a token of before does not end the session that came after it', async () => {
  const { made, kept } = opened('good');
  await made.open(undefined);
  made.refused('of-before');
  expect(made.state.get()).toEqual({ is: 'open' });
  expect([...kept.values()]).toEqual(['good']);
});

test('who signs out ends the session at the host, too', async () => {
  const { made, kept, asked } = opened('good');
  await made.open(undefined);
  await made.signOut();
  expect(made.state.get()).toEqual(closed('nothing-given'));
  expect(asked.at(-1)).toBe('DELETE /api/v1/session Bearer good');
  expect(kept.size).toBe(0);
});
