import { expect, it } from 'vitest';

import { authenticators } from '../../src/index.js';
import type { Authenticator } from '../../src/index.js';

const { signal } = new AbortController();
const knows = (id: string, ...tokens: readonly string[]): Authenticator => ({
  authenticate: async (token) => (tokens.includes(token) ? { principal: { id, scopes: [] } } : undefined),
});
const away = (cause: Error): Authenticator => ({ authenticate: () => Promise.reject(cause) });
const idOf = async (list: readonly Authenticator[], token: string) =>
  (await authenticators(list).authenticate(token, { signal }))?.principal.id;

it('the first that knows a token decides', async () => {
  const list = [knows('a', 'x'), knows('b', 'x', 'y')];
  expect([await idOf(list, 'x'), await idOf(list, 'y'), await idOf(list, 'z')]).toEqual(['a', 'b', undefined]);
  expect(await idOf([], 'x')).toBeUndefined();
});

it('one that cannot tell hides none after it, and is the answer where none knows the token', async () => {
  const cause = new Error('keys are away');
  const list = [knows('a', 'x'), away(cause), knows('b', 'y'), away(new Error('later'))];
  expect([await idOf(list, 'x'), await idOf(list, 'y')]).toEqual(['a', 'b']);
  await expect(idOf(list, 'z')).rejects.toBe(cause);
});

it('an aborted call rejects with the reason, and asks no further', async () => {
  const reason = new Error('gone');
  const leaving = new AbortController();
  const asked: string[] = [];
  const first: Authenticator = {
    authenticate: async (_token, call) => {
      leaving.abort(reason);
      call.signal.throwIfAborted();
      return undefined;
    },
  };
  const second: Authenticator = { authenticate: async (token) => void asked.push(token) };
  const answer = authenticators([first, second]).authenticate('x', { signal: leaving.signal });
  await expect(answer).rejects.toBe(reason);
  expect(asked).toEqual([]);
});
