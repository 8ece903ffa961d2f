import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test, vi } from 'vitest';

import { sessionAuthenticator } from '../../../src/adapters/authenticator/session/index.js';
import { accessEntry, hashToken, tokenAuthenticator } from '../../../src/adapters/authenticator/token/index.js';
import { authenticators, createRuntime } from '../../../src/index.js';
import { accessToken, startServe } from '../../support/host-process.js';
import { issuer } from '../../support/issuer.js';
import { canaries } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { serveGateway } from '../../support/leaks/in-process-host.js';
import { leaksIn } from '../../support/leaks/leaks-in.js';
import { recorder } from '../../support/leaks/recorder.js';
import type { Asked } from '../../support/leaks/recorder.js';
import { outsideOfSchema } from '../../support/leaks/shape.js';
import { recordSocket } from '../../support/leaks/socket-recorder.js';
import type { Told } from '../../support/leaks/tells-nothing.js';
import { tellsNothing } from '../../support/leaks/tells-nothing.js';
import { api, bodyOf, noWorker } from '../../support/leaks/tour.js';
import { recordingLogger } from '../../support/recording-logger.js';
import { suiteFolder } from '../../support/temporary-folder.js';

const problem = { kind: 'problem' };

/** Requests with a secret of the caller's wherever a caller may put one by mistake. */
const misplaced = (secret: string): readonly Asked[] => [
  ...['', '/healthz', '/readyz', '/api/v1', '/api/v1/openapi.json', api, `${api}/workers`].flatMap((path) => [
    { ...problem, path: `${path}/${secret}` },
    ...(path === '/healthz' || path === '/readyz'
      ? []
      : [{ kind: path === '' ? 'page' : 'problem', path: `${path || '/'}?access_token=${secret}` }]),
  ]),
  { ...problem, path: `${api}/workers?status=${secret}` },
  { ...problem, path: `${api}/workers/${noWorker}/observations?after=${secret}` },
  { ...problem, path: `${api}/workers/${noWorker}/observations/stream`, headers: { 'last-event-id': secret } },
  { ...problem, path: `${api}/workers/${noWorker}/questions/${secret}/answer`, method: 'POST', body: { text: 'x' } },
  { ...problem, path: `/api/v1/runtimes/${secret}/workers` },
  { ...problem, path: api, headers: { host: secret } },
  { ...problem, path: api, headers: { origin: `https://${secret}` } },
  { ...problem, path: api, headers: { authorization: `Basic ${secret}` } },
  { kind: 'runtime', path: api, headers: { authorization: `Bearer ${secret}` } },
  { ...problem, path: api, headers: { expect: secret } },
  { ...problem, path: '/api/v1/socket', headers: { 'sec-websocket-protocol': `workport.v1, ${secret}` } },
  { ...problem, path: `${api}/workers`, method: 'POST', body: { profile: secret } },
  { ...problem, path: `${api}/workers`, method: 'POST', body: { profile: 'planned', token: secret } },
  { ...problem, path: `${api}/workers`, method: 'POST', body: `{"${secret}` },
  { ...problem, path: '/api/v1/session', method: 'POST', body: { code: secret } },
  { ...problem, path: `${api}/workers`, method: secret.toUpperCase().replaceAll('-', '') },
];

describe('of who may come in, and of what somebody tries to come in with', () => {
  let scene: Told & { readonly tokens: readonly string[]; readonly statuses: readonly number[] };
  beforeAll(async () => {
    const canary = canaries();
    const end: (() => Promise<unknown>)[] = [];
    const cwd = join(await suiteFolder(), canary.name('folder'));
    await mkdir(cwd, { mode: 0o700 });
    const keys = await issuer();
    end.push(() => keys[Symbol.asyncDispose]());
    const known = canary.name('known-token');
    const ci = {
      name: canary.name('token-name'),
      sha256: canary.plant('hash', hashToken(known)),
      scopes: ['read'],
    };
    const jwt = {
      name: canary.name('jwt-name'),
      issuer: canary.name('issuer'),
      audience: canary.name('audience'),
      jwksUri: `${keys.url}/${canary.name('jwks')}`,
    };
    const profiles = { planned: { label: 'Planned', backend: null } };
    await writeFile(join(cwd, 'workport.config.json'), JSON.stringify({ profiles, auth: { tokens: [ci], jwt } }));
    const host = await startServe({ cwd, args: ['--data', 'data'], onEnd: (run) => end.push(run) });
    const { ask, replies } = recorder(host.url, accessToken);
    const statuses: number[] = [];
    const as = async (token: string): Promise<number> =>
      (await ask({ path: api, kind: 'runtime', headers: { authorization: `Bearer ${token}` } })).status;
    statuses.push(await as(known));
    const claims = { iss: jwt.issuer, aud: jwt.audience, sub: canary.name('subject') };
    const good = await keys.sign({ ...claims, scope: 'workport:read' });
    const wrong = await keys.sign({ ...claims, aud: canary.name('other-audience') });
    const other = await keys.sign(claims, { header: { kid: canary.name('kid') } });
    // Before its keys were ever read they cannot be had; with them it is let in.
    keys.fail({ status: 500, body: canary.text('jwks-body') });
    statuses.push(await as(good));
    keys.fail();
    await vi.waitFor(async () => expect(await as(good)).toBe(200), 10_000);
    for (const token of [wrong, other, `${good}x`]) statuses.push(await as(token));
    const tokens = [known, good, wrong, other].map((token, at) => canary.plant(`token-${at}`, token));
    const sockets = [];
    for (const token of tokens) {
      const socket = await recordSocket(host.url, { asked: 'socket', token });
      socket.say({ type: 'subscribe', id: 'a', runtimeId: 'local', workerId: noWorker });
      await socket.until('"problem"');
      if (!socket.close) await socket.end();
      sockets.push(socket);
    }
    for (const asked of misplaced(known)) await ask(asked);
    host.child.kill('SIGTERM');
    const { stdout, stderr } = await host.ended;
    const recording = { replies, sockets, ready: stdout };
    scene = { recording, planted: canary.planted, logged: stderr, tokens, statuses };
    return async () => {
      for (const run of end.reverse()) await run();
    };
  });

  tellsNothing(() => scene);

  test('B2: who cannot be told is answered with an id alone; no token is in the operator log', () => {
    expect(scene.statuses).toEqual([200, 500, 401, 401, 401]);
    const tokens = scene.tokens.map((value, at) => ({ where: String(at), value }));
    expect(findLeaks(scene.logged, tokens)).toEqual([]);
    expect(findLeaks(scene.logged, scene.planted)).not.toContain('hash');
  });
});

test('B2: the code of a session is in no answer, and its token in that of the exchange alone', async () => {
  const canary = canaries();
  const logger = recordingLogger();
  const sessions = sessionAuthenticator();
  const tokens = tokenAuthenticator([accessEntry('operator-token')]);
  const runtime = createRuntime({ profiles: { planned: { label: 'Planned', backend: null } } });
  const authenticator = authenticators([tokens, sessions]);
  const host = await serveGateway(runtime, logger, { authenticator, sessions });
  const admission = await authenticator.authenticate('operator-token', { signal: new AbortController().signal });
  const code = canary.plant('code', sessions.issueCode(admission!));
  const { ask, replies } = recorder(host.url, 'operator-token');
  const exchange = (given: string) =>
    ask({ method: 'POST', path: '/api/v1/session', kind: 'session', body: { code: given } });

  const opened = bodyOf(await exchange(code)) as { readonly token?: string };
  const before = replies.splice(0);
  expect(leaksIn({ replies: before }, canary.planted)).toEqual([]);
  const token = canary.plant('session-token', opened.token ?? '');
  expect(token).toMatch(/^.{20,}$/);
  const authorization = `Bearer ${token}`;
  await exchange(code);
  await exchange(canary.name('wrong-code'));
  await ask({ path: api, kind: 'runtime', headers: { authorization } });
  const socket = await recordSocket(host.url, { asked: 'socket', token });
  await ask({ method: 'DELETE', path: '/api/v1/session', kind: 'session', headers: { authorization } });
  await socket.closed;
  await ask({ path: api, kind: 'runtime', headers: { authorization } });
  for (const asked of misplaced(token)) await ask(asked);
  await host.close();
  await runtime[Symbol.asyncDispose]();

  expect(replies.slice(0, 5).map(({ status }) => status)).toEqual([401, 401, 200, 204, 401]);
  expect(socket.close).toEqual({ code: 4003, reason: 'revoked' });
  const recording = { replies: [...replies], sockets: [socket] };
  expect(leaksIn(recording, canary.planted)).toEqual([]);
  expect(outsideOfSchema({ ...recording, replies: [...before, ...replies] })).toEqual([]);
});
