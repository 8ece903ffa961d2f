import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import {
  accessEntry,
  hashToken,
  newToken,
  tokenAuthenticator,
} from '../../../../src/adapters/authenticator/token/index.js';

const { signal } = new AbortController();
const ci = {
  name: 'ci',
  sha256: hashToken('secret'),
  scopes: ['read', 'input'],
  profiles: ['python'],
  own: true,
} as const;

describe('the token authenticator', () => {
  it('knows the holder of a token by its hash, with scopes and filter', async () => {
    const authenticator = tokenAuthenticator([ci, accessEntry('other')]);
    expect(await authenticator.authenticate('secret', { signal })).toMatchObject({
      principal: { id: 'ci', scopes: ['read', 'input'], profiles: ['python'], own: true },
    });
    expect(await authenticator.authenticate('other', { signal })).toMatchObject({
      principal: { id: 'access', scopes: ['read', 'input', 'control'] },
    });
  });

  it.each(['', 'secre', 'secret ', 'Secret', ci.sha256])('does not know %j', async (token) => {
    expect(await tokenAuthenticator([ci]).authenticate(token, { signal })).toBeUndefined();
  });

  it('takes a hash in both cases, made by any tool', async () => {
    const sha256 = createHash('sha256').update('secret').digest('hex').toUpperCase();
    const authenticator = tokenAuthenticator([{ ...ci, sha256 }]);
    expect(await authenticator.authenticate('secret', { signal })).toMatchObject({ principal: { id: 'ci' } });
  });

  it('a principal cannot be changed by who gets it', async () => {
    const admission = await tokenAuthenticator([ci]).authenticate('secret', { signal });
    const principal = admission?.principal;
    expect(Object.isFrozen(principal)).toBe(true);
    expect(Object.isFrozen(principal?.scopes)).toBe(true);
  });

  it('a hash of the wrong form, and names or hashes that are there twice, throw at once', () => {
    expect(() => tokenAuthenticator([{ ...ci, sha256: 'secret' }])).toThrow(/token ci: sha256 is not 64 hex digits/);
    expect(() => tokenAuthenticator([{ ...ci, name: 'sso:ada' }])).toThrow(/a name has no colon/);
    expect(() => tokenAuthenticator([ci, { ...ci, sha256: hashToken('x') }])).toThrow(/same name/);
    expect(() => tokenAuthenticator([ci, { ...ci, name: 'x' }])).toThrow(/same sha256/);
  });

  it('a token whose entry is gone, or says something else, is revoked; one that says the same is not', async () => {
    const entry = (name: string) => ({ ...ci, name, sha256: hashToken(name) });
    const names = ['same', 'gone', 'scopes', 'profiles', 'own', 'hash'];
    const authenticator = tokenAuthenticator(names.map(entry));
    const admissions = await Promise.all(names.map((name) => authenticator.authenticate(name, { signal })));
    authenticator.replace([
      { ...entry('same'), scopes: ['input', 'read'], sha256: hashToken('same').toUpperCase() },
      { ...entry('scopes'), scopes: ['read'] },
      { ...entry('profiles'), profiles: ['python', 'go'] },
      { ...entry('own'), own: false },
      { ...entry('hash'), sha256: hashToken('another') },
      entry('new'),
    ]);
    expect(admissions.map((admission) => admission?.revoked?.aborted)).toEqual([false, true, true, true, true, true]);
    const after = await Promise.all(
      ['same', 'gone', 'hash', 'another', 'new'].map((token) => authenticator.authenticate(token, { signal })),
    );
    expect(after.map((admission) => admission?.principal.id)).toEqual(['same', undefined, undefined, 'hash', 'new']);
    expect(after[0]?.revoked).toBe(admissions[0]?.revoked);
    const again = await authenticator.authenticate('scopes', { signal });
    expect([again?.principal.scopes, again?.revoked?.aborted]).toEqual([['read'], false]);
  });

  it('what cannot replace the tokens changes nothing', async () => {
    const authenticator = tokenAuthenticator([ci]);
    const admission = await authenticator.authenticate('secret', { signal });
    expect(() => authenticator.replace([accessEntry('a'), accessEntry('b')])).toThrow(/same name/);
    expect(admission?.revoked?.aborted).toBe(false);
    expect(await authenticator.authenticate('secret', { signal })).toBe(admission);
  });

  it('as many as like watch one token without a warning of Node.js', async () => {
    const warned: Error[] = [];
    const onWarning = (warning: Error): void => void warned.push(warning);
    process.on('warning', onWarning);
    const admission = await tokenAuthenticator([ci]).authenticate('secret', { signal });
    for (let count = 0; count < 50; count += 1) admission?.revoked?.addEventListener('abort', () => undefined);
    // Node.js warns in the next tick: ours comes after that.
    await new Promise((resolve) => process.nextTick(resolve));
    process.off('warning', onWarning);
    expect(warned).toEqual([]);
  });

  it('an aborted call rejects with the reason', async () => {
    const reason = new Error('gone');
    const aborted = tokenAuthenticator([ci]).authenticate('secret', { signal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
  });

  it('new tokens have 256 bits, fit a header, and differ', () => {
    const tokens = Array.from({ length: 50 }, newToken);
    expect(tokens.every((token) => /^[A-Za-z0-9_-]{43}$/.test(token))).toBe(true);
    expect(new Set(tokens).size).toBe(50);
  });
});
