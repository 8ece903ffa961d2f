import { beforeAll, describe, expect, test } from 'vitest';

import { accessToken } from '../../support/host-process.js';
import type { Canaries } from '../../support/leaks/canary.js';
import { canaries } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { textsIn } from '../../support/leaks/leaks-in.js';
import type { Reach } from '../../support/leaks/program-host.js';
import { programHost } from '../../support/leaks/program-host.js';
import type { Recording } from '../../support/leaks/recording.js';
import type { Secrets } from '../../support/leaks/secrets.js';
import { correlationIds, tellsNothing } from '../../support/leaks/tells-nothing.js';
import type { Tour } from '../../support/leaks/tour.js';
import { bodyOf, tour } from '../../support/leaks/tour.js';

const spawns = ['connected', 'rejected', 'errored', 'rpcError', 'wrong', 'codes', 'exit'];
const inputs = [
  ['content', 'declared', 'undeclared', 'noCode', 'rejected', 'declaredRejected', 'errored', 'rpcError', 'wrong'],
  ['badId', 'unknownType', 'otherInput', 'garbage', 'log', 'exit', 'ask', 'hang'],
].flat();

interface Scene extends Tour {
  readonly recording: Recording;
  readonly canary: Canaries;
  readonly secret: Secrets;
  readonly referred: string;
  readonly logged: string;
}

async function sceneOf(reach: Reach, end: (() => Promise<void>)[]): Promise<Scene> {
  const canary = canaries();
  const program = await programHost(reach, canary, spawns);
  end.push(...program.end);
  const { host, secret, referred } = program;
  const toured = await tour({ url: host.url, token: accessToken, spawns, inputs });
  host.child.kill('SIGTERM');
  const { stdout, stderr } = await host.ended;
  await toured.ended;
  return { ...toured, recording: { ...toured.recording, ready: stdout }, canary, secret, referred, logged: stderr };
}

const reaches: readonly (readonly [Reach, (secret: Secrets) => readonly (string | undefined)[]])[] = [
  ['subprocess', ({ stderr, log, dying }) => [stderr, log, dying]],
  ['remote-socket', ({ log }) => [log]],
];

describe.each(reaches)('of a program behind %s that gives its secrets away', (reach, loggedFrom) => {
  let scene: Scene;
  beforeAll(async () => {
    const end: (() => Promise<void>)[] = [];
    scene = await sceneOf(reach, end);
    return async () => {
      for (const run of end.reverse()) await run();
    };
  }, 120_000);

  tellsNothing(() => ({ recording: scene.recording, planted: scene.canary.planted, logged: scene.logged }));

  test('B2: the access token is in no byte that left', () => {
    expect(textsIn(scene.recording, [accessToken])).toEqual([]);
  });

  test('B1: a request with a key that is not in the schema is refused', () => {
    const refused = scene.recording.replies?.filter(({ body }) => body.includes('request-invalid'));
    expect(refused?.length).toBeGreaterThanOrEqual(3);
  });

  test('B4: what somebody may not see is in no list, and is answered as what does not exist', () => {
    const { guest } = scene;
    expect(guest.map(({ status }) => status)).toEqual([200, 200, 404, 404, 404, 404, 404, 404, 422, 204]);
    expect(bodyOf(guest[0]!).profiles?.map(({ name }) => name)).toEqual(['planned']);
    expect(bodyOf(guest[1]!)).toEqual({ workers: [] });
    expect(guest.slice(2, 9).map((reply) => bodyOf(reply).code)).toEqual([
      ...Array.from({ length: 6 }, () => 'worker-unknown'),
      'profile-unknown',
    ]);
    expect(guest.filter(({ body }) => body.includes('hidden-marker'))).toEqual([]);
  });

  test('B2: what a program says as content crosses as it is', () => {
    const { said, recording } = scene;
    expect(said['content']?.at(-1)?.body).toContain('"text":"content-marker"');
    expect(said['content']?.[0]?.body).toContain('"displayName":"content-marker"');
    expect(recording.sockets?.[0]?.messages.join('')).toContain('"text":"content-marker"');
  });

  test('B5: a code of its own crosses where it is declared, else it is in the operator log alone', () => {
    const { said, logged, secret } = scene;
    expect(said['declared']?.at(-1)?.body).toContain('"end":"failed","backendCode":"declared-code"');
    expect(bodyOf(said['declaredRejected']![1]!)).toMatchObject({
      code: 'backend-rejected',
      backendCode: 'declared-code',
    });
    expect(bodyOf(said['rejected']![1]!)).toMatchObject({ code: 'backend-rejected' });
    for (const where of ['runCode', 'inputRejected', 'inputErrored', 'spawnRejected', 'spawnErrored']) {
      expect(logged, where).toContain(secret[where]);
    }
  });

  test('the operator log holds what it said, and not what was given by reference', () => {
    const { logged, secret, referred } = scene;
    for (const text of loggedFrom(secret)) expect(logged.replaceAll('\\"', '"')).toContain(text);
    expect(findLeaks(logged, [{ where: 'env-by-reference', value: referred }])).toEqual([]);
    expect(logged).not.toContain(accessToken);
  });

  test('the tour saw what it was made for', () => {
    const { replies = [], sockets = [] } = scene.recording;
    const statuses = new Set(replies.map(({ status }) => status));
    expect([...statuses].sort()).toEqual(
      expect.arrayContaining([200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 422, 502]),
    );
    const events = replies
      .filter(({ kind }) => kind === 'stream')
      .map(({ body }) => body)
      .join('');
    const messages = sockets.flatMap((socket) => socket.messages).join('\n');
    for (const event of ['snapshot', 'observation', 'end']) expect(events).toContain(`event: ${event}\n`);
    for (const type of ['subscribed', 'snapshot', 'events', 'end', 'problem', 'pong']) {
      expect(messages).toContain(`{"type":"${type}"`);
    }
    for (const type of ['execution-disconnected', 'question-asked', 'question-closed', 'worker-stopped']) {
      expect(events).toContain(`"type":"${type}"`);
      expect(messages).toContain(`"type":"${type}"`);
    }
    expect(sockets.map(({ close }) => close?.code)).toEqual([1001, 4001, 4001, 4001, 1009, 1005]);
    expect(correlationIds(scene.recording).size).toBeGreaterThanOrEqual(6);
  });
});
