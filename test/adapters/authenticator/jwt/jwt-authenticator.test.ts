import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { jwtAuthenticator } from '../../../../src/adapters/authenticator/jwt/index.js';
import type { JwtOptions } from '../../../../src/adapters/authenticator/jwt/index.js';
import { audience, issuer } from '../../../support/issuer.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const { signal } = new AbortController();
const start = 1_800_000_000_000;
const dayMs = 86_400_000;

async function scene(more: Partial<Omit<JwtOptions, 'jwksUri' | 'keys'>> = {}) {
  const clock = virtualClock(start);
  const issued = await issuer(() => clock.now());
  const logger = recordingLogger();
  const { jwksUri, url } = issued;
  const options = { name: 'sso', issuer: url, audience, jwksUri, ...more };
  const authenticator = jwtAuthenticator(options, { clock, logger });
  return {
    clock,
    issued,
    logger,
    authenticator,
    ask: (token: string) => authenticator.authenticate(token, { signal }),
    [Symbol.asyncDispose]: () => issued[Symbol.asyncDispose](),
  };
}

describe('a JWT of the issuer', () => {
  it('names its holder by issuer and subject, with the scopes of the prefix alone', async () => {
    await using served = await scene();
    const token = await served.issued.sign({ scope: 'openid workport:read read workport:control workport:other' });
    expect(await served.ask(token)).toMatchObject({
      principal: { id: 'sso:ada', scopes: ['read', 'control'], own: false },
    });
    const list = await served.ask(await served.issued.sign({ scp: ['workport:input'] }));
    expect(list?.principal.scopes).toEqual(['input']);
    expect((await served.ask(await served.issued.sign({ scp: { workport: 'read' } })))?.principal.scopes).toEqual([]);
    expect(Object.isFrozen(list?.principal.scopes)).toBe(true);
  });

  it('takes another prefix, an empty one too', async () => {
    await using served = await scene({ scopePrefix: '' });
    const admission = await served.ask(await served.issued.sign({ scope: 'read workport:input' }));
    expect(admission?.principal.scopes).toEqual(['read']);
  });

  it('is held to the profiles of its claim and of the configuration, and to its own Workers unless it says not', async () => {
    await using served = await scene({ profilesClaim: 'profiles', ownClaim: 'own', profiles: ['python', 'go'] });
    const principalOf = async (claims: Record<string, unknown>) =>
      (await served.ask(await served.issued.sign(claims)))?.principal;
    expect(await principalOf({ profiles: ['go', 'rust', 7], own: false })).toMatchObject({
      profiles: ['go'],
      own: false,
    });
    expect(await principalOf({ profiles: 'python', own: true })).toMatchObject({ profiles: ['python'], own: true });
    expect(await principalOf({ jti: 'without' })).toMatchObject({ profiles: [], own: true });
    expect(await principalOf({ profiles: ['go'], own: 'no' })).toMatchObject({ own: true });
  });

  it('is held to what the configuration says for all', async () => {
    await using served = await scene({ profiles: ['python'], own: true, ownClaim: 'own' });
    const admission = await served.ask(await served.issued.sign({ own: false, profiles: ['go'] }));
    expect(admission?.principal).toMatchObject({ profiles: ['python'], own: true });
  });

  it.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('may be signed by %s', async (alg) => {
    await using served = await scene();
    await served.issued.makeKey('other', { alg });
    expect(await served.ask(await served.issued.sign({}, { kid: 'other' }))).toBeDefined();
  });

  it('that names no key is tried with each that fits', async () => {
    await using served = await scene();
    await served.issued.makeKey('second');
    for (const kid of ['first', 'second']) {
      const token = await served.issued.sign({}, { kid, header: { kid: undefined } });
      expect(await served.ask(token), kid).toBeDefined();
    }
    await served.issued.makeKey('hidden', { isPublished: false });
    const token = await served.issued.sign({}, { kid: 'hidden', header: { kid: undefined } });
    expect(await served.ask(token)).toBeUndefined();
  });

  it('is verified once in ten minutes, and once for all who ask at the same time', async () => {
    await using served = await scene();
    const token = await served.issued.sign();
    const [one, two] = await Promise.all([served.ask(token), served.ask(token)]);
    expect(one).toBe(two);
    served.issued.fail({ status: 500, body: '' });
    await served.clock.advance(599_999);
    expect(await served.ask(token)).toBe(one);
    await served.clock.advance(2);
    await expect(served.ask(token)).rejects.toThrow(/keys at .* cannot be had/);
  });

  it('may be verified by keys that are given', async () => {
    await using served = await scene();
    const jwk = served.issued.jwk('first');
    const { url: iss } = served.issued;
    const given = { name: 'sso', issuer: iss, audience: ['other', audience], keys: { keys: jwk ? [jwk] : [] } };
    const authenticator = jwtAuthenticator(given, { clock: served.clock });
    expect(await authenticator.authenticate(await served.issued.sign(), { signal })).toBeDefined();
    await served.issued.makeKey('second');
    const other = await served.issued.sign({}, { kid: 'second' });
    expect(await authenticator.authenticate(other, { signal })).toBeUndefined();
    expect(served.issued.served).toBe(0);
  });
});

describe('is not known, and the operator is told why at debug', () => {
  const seconds = start / 1000;
  const claims: readonly (readonly [title: string, claims: Record<string, unknown>, claim: string])[] = [
    ['a token for somebody else', { aud: 'https://other.example' }, 'aud'],
    ['a token of later', { nbf: seconds + 60 }, 'nbf'],
    ['a token without a subject', { sub: undefined }, 'sub'],
    ['a subject with a line break', { sub: 'ada\nlevel=info' }, 'sub'],
    ['a subject with a blank', { sub: 'ada outcome=accepted' }, 'sub'],
    ['a subject of too many characters', { sub: 'x'.repeat(256) }, 'sub'],
    ['an empty subject', { sub: '' }, 'sub'],
  ];
  it.each(claims)('%s', async (_title, claims, claim) => {
    await using served = await scene();
    const token = await served.issued.sign(claims);
    expect(await served.ask(token)).toBeUndefined();
    expect(served.logger.lines).toEqual([
      {
        level: 'debug',
        message: 'token refused',
        fields: { issuer: 'sso', reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim },
      },
    ]);
    expect(JSON.stringify(served.logger.lines)).not.toContain(token.slice(-20));
  });

  it('a token whose signature is not of the key it names', async () => {
    await using served = await scene();
    await served.issued.makeKey('second');
    const forged = await served.issued.sign({}, { kid: 'second', header: { kid: 'first' } });
    expect(await served.ask(forged)).toBeUndefined();
    expect(served.logger.lines.map(({ fields }) => fields['reason'])).toEqual([
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ]);
  });

  it('a token whose words were changed after it was signed', async () => {
    await using served = await scene();
    const [head = '', payload = '', signature = ''] = (await served.issued.sign({ scope: 'x' })).split('.');
    const words = Buffer.from(payload, 'base64url').toString().replace('"x"', '"workport:control"');
    const changed = [head, Buffer.from(words).toString('base64url'), signature].join('.');
    expect(await served.ask(changed)).toBeUndefined();
  });
});

describe('what cannot be a token of the issuer', () => {
  const now = start / 1000;
  it.each(['', 'x', 'a.b', 'a.b.c', '....', `${'x'.repeat(4000)}.${'y'.repeat(4000)}.z`])(
    'no keys are fetched for %j',
    async (token) => {
      await using served = await scene();
      expect(await served.ask(token)).toBeUndefined();
      expect(served.issued.served).toBe(0);
    },
  );

  it('nor for a token of another issuer, one that has expired, or one without an end', async () => {
    await using served = await scene();
    const { sign } = served.issued;
    const tokens = [
      await sign({ iss: 'https://other.example' }),
      await sign({ exp: now - 5 }),
      await sign({ exp: undefined }),
    ];
    for (const token of tokens) expect(await served.ask(token)).toBeUndefined();
    expect(served.issued.served).toBe(0);
  });

  it('nor for one without a signature, or with one that a shared secret or a public key makes', async () => {
    await using served = await scene();
    const payload = { iss: served.issued.url, aud: audience, sub: 'ada', exp: now + 60 };
    const secret = new TextEncoder().encode(JSON.stringify(served.issued.jwk('first')));
    const tokens = [
      new UnsecuredJWT(payload).encode(),
      await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret),
    ];
    for (const token of tokens) expect(await served.ask(token)).toBeUndefined();
    expect(served.issued.served).toBe(0);
  });

  it('nor for an algorithm that is not among those that are taken', async () => {
    await using served = await scene({ algorithms: ['RS256'] });
    expect(await served.ask(await served.issued.sign())).toBeUndefined();
    expect(served.issued.served).toBe(0);
  });
});

describe('the end of a token', () => {
  it('revokes what it let in, five seconds after exp for clocks that are off, and lets nobody in after', async () => {
    await using served = await scene();
    const token = await served.issued.sign({ exp: start / 1000 + 60 });
    const admission = await served.ask(token);
    await served.clock.advance(64_999);
    expect([admission?.revoked?.aborted, await served.ask(token)]).toEqual([false, admission]);
    await served.clock.advance(1);
    expect([admission?.revoked?.aborted, await served.ask(token)]).toEqual([true, undefined]);
    expect(served.clock.pending).toBe(0);
  });

  it('is waited for however far away it is', async () => {
    await using served = await scene();
    const admission = await served.ask(await served.issued.sign({ exp: start / 1000 + 60 * 86_400 }));
    await served.clock.advance(25 * dayMs);
    await served.clock.advance(25 * dayMs);
    expect(admission?.revoked?.aborted).toBe(false);
    await served.clock.advance(10 * dayMs + 5_000);
    expect(admission?.revoked?.aborted).toBe(true);
  });

  it('no timer is longer than those of Node.js can be', async () => {
    const delays: number[] = [];
    const clock = { now: () => start, after: (delayMs: number) => (delays.push(delayMs), () => undefined) };
    await using issued = await issuer(() => start);
    const { url, jwksUri } = issued;
    const authenticator = jwtAuthenticator({ name: 'sso', issuer: url, audience, jwksUri }, { clock });
    expect(await authenticator.authenticate(await issued.sign({ exp: 1e15 }), { signal })).toBeDefined();
    expect(Math.max(...delays)).toBe(2 ** 31 - 1);
  });

  it('comes for all when the authenticator is disposed of', async () => {
    await using served = await scene();
    const token = await served.issued.sign();
    const admission = await served.ask(token);
    served.authenticator[Symbol.dispose]();
    expect([admission?.revoked?.aborted, await served.ask(token), served.clock.pending]).toEqual([true, undefined, 0]);
  });

  it('comes when its key is taken back, at the latest when it is verified again', async () => {
    await using served = await scene();
    await served.issued.makeKey('second');
    const token = await served.issued.sign({}, { kid: 'second' });
    const admission = await served.ask(token);
    served.issued.withdraw('second');
    await served.clock.advance(600_000);
    expect([await served.ask(token), admission?.revoked?.aborted]).toEqual([undefined, true]);
  });
});

describe('the keys', () => {
  it('are fetched again for a token that names a new one', async () => {
    await using served = await scene();
    await served.ask(await served.issued.sign());
    await served.issued.makeKey('next');
    await served.clock.advance(30_000);
    expect(await served.ask(await served.issued.sign({}, { kid: 'next' }))).toBeDefined();
    expect(served.issued.served).toBe(2);
  });

  it('are fetched at most each thirty seconds for a flood of tokens that name keys nobody has', async () => {
    await using served = await scene();
    const good = await served.issued.sign();
    await served.ask(good);
    const flood = async (round: string) => {
      const header = (name: number) => ({ header: { kid: `${round}-${name}` } });
      const tokens = await Promise.all(Array.from({ length: 50 }, (_, name) => served.issued.sign({}, header(name))));
      expect(new Set(await Promise.all(tokens.map(served.ask)))).toEqual(new Set([undefined]));
    };
    await flood('a');
    expect(served.issued.served).toBe(1);
    await served.clock.advance(30_000);
    await flood('b');
    await flood('c');
    expect(served.issued.served).toBe(2);
    expect(await served.ask(good)).toBeDefined();
  });

  it.each([
    ['an error', { status: 503, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no keys', { status: 200, body: '{"error":"x"}' }],
    ['more than anybody needs', { status: 200, body: ' '.repeat(1_100_000) }],
  ])('that are answered by %s reject, and are asked for again after a second', async (_title, answer) => {
    await using served = await scene();
    served.issued.fail(answer);
    const token = await served.issued.sign();
    await expect(served.ask(token)).rejects.toThrow();
    await expect(served.ask(token)).rejects.toThrow();
    expect(served.issued.served).toBe(1);
    served.issued.fail();
    await served.clock.advance(1_000);
    expect(await served.ask(token)).toBeDefined();
  });

  it('that cannot be had for a token with a new one reject it, and let in who names a known one', async () => {
    await using served = await scene();
    const good = await served.issued.sign();
    await served.ask(good);
    await served.issued.makeKey('next');
    await served.clock.advance(30_000);
    served.issued.fail({ status: 500, body: '' });
    await expect(served.ask(await served.issued.sign({}, { kid: 'next' }))).rejects.toThrow(/cannot be had/);
    expect(await served.ask(await served.issued.sign({ jti: 'another' }))).toBeDefined();
  });

  it('that do not come within five seconds reject', async () => {
    await using served = await scene();
    const silent = jwtAuthenticator(
      { name: 'sso', issuer: served.issued.url, audience, jwksUri: served.issued.jwksUri },
      { clock: served.clock, fetch: () => new Promise(() => undefined) },
    );
    const asked = silent.authenticate(await served.issued.sign(), { signal });
    asked.catch(() => undefined);
    await served.clock.armed(1);
    await served.clock.advance(5_000);
    await expect(asked).rejects.toMatchObject({ cause: { message: 'no answer within 5000 ms' } });
  });
});

it('options of the wrong form throw at once, and say what is wrong', () => {
  const good = { name: 'sso', issuer: 'https://i.example', audience, jwksUri: 'https://i.example/keys' };
  const refused = (more: object) => () => jwtAuthenticator({ ...good, ...more });
  expect(refused({})).not.toThrow();
  expect(refused({ name: 'a:b' })).toThrow('JWTs of "a:b": not a name');
  expect(refused({ jwksUri: 'http://i.example/keys' })).toThrow(/jwksUri has to be an address with https:/);
  expect(refused({ jwksUri: 'file:///keys' })).toThrow(/jwksUri has to be/);
  expect(refused({ jwksUri: undefined })).toThrow(/either jwksUri or keys/);
  expect(refused({ keys: { keys: [] } })).toThrow(/either jwksUri or keys/);
  expect(refused({ jwksUri: undefined, keys: { keys: ['key'] } })).toThrow(/keys have to be a JSON Web Key Set/);
  expect(refused({ algorithms: ['HS256'] })).toThrow(/algorithms have to be of RS256/);
  expect(refused({ algorithms: [] })).toThrow(/algorithms have to be of RS256/);
});

describe('a JWT that is spelled in another way', () => {
  it.each([
    ['a blank', (token: string) => `${token.slice(0, -2)} ${token.slice(-2)}`],
    ['a line feed', (token: string) => `${token}\n`],
    ['padding', (token: string) => `${token}==`],
    ['bits that no byte has', (token: string) => token.slice(0, -1) + (/[AQgw]$/.exec(token)?.[0] === 'A' ? 'B' : 'h')],
  ])('P3: with %s is none, and nothing is kept for it', async (_name, respelled) => {
    await using served = await scene();
    let token = '';
    while (!/[Ag]$/.test(token)) token = await served.issued.sign({ jti: String(Math.random()) });
    expect(await served.ask(token)).toBeDefined();
    const kept = served.clock.pending;
    expect(await served.ask(respelled(token))).toBeUndefined();
    expect(served.clock.pending).toBe(kept);
  });
});
