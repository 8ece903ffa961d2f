import { beforeAll, describe, expect, test } from 'vitest';

import type { WorkerRef } from '../../../src/index.js';
import { createRuntime, generatorBackend, text } from '../../../src/index.js';
import { nullLogger } from '../../../src/ports/logger.js';
import { canaries } from '../../support/leaks/canary.js';
import { hostToken, serveGateway } from '../../support/leaks/in-process-host.js';
import { leaksIn } from '../../support/leaks/leaks-in.js';
import { recorder } from '../../support/leaks/recorder.js';
import type { PageTexts, Recording } from '../../support/leaks/recording.js';
import { recordSocket } from '../../support/leaks/socket-recorder.js';
import type { Plant, PlantPlace } from '../../support/leaks/stand-in.js';
import { standIn } from '../../support/leaks/stand-in.js';
import { createWorker, isType, observeUntil, runtimeId, textPart } from '../../support/runtime.js';

const canary = canaries();
const secret = canary.text('planted');
// One that is not planted, so that something else could be found.
canary.text('other');

const encodings: Readonly<Record<string, string>> = {
  plain: secret,
  base64: Buffer.from(secret).toString('base64'),
  base64url: Buffer.from(`x${secret}`).toString('base64url'),
  'URL-encoded': encodeURIComponent(secret),
  'JSON-escaped': JSON.stringify(secret).slice(1, -1),
  'in upper case': encodeURIComponent(secret.toUpperCase()),
  'in hex': Buffer.from(secret).toString('hex').toUpperCase(),
  reversed: encodeURIComponent(Array.from(secret).reverse().join('')),
};
const asJson = (text: string): string => `"planted":"${text}",`;
/** How a text stands where it is planted. */
const formOf: Readonly<Record<PlantPlace, (text: string) => string>> = {
  'status text': (text) => `OK ${text}`,
  header: (text) => text,
  body: asJson,
  problem: asJson,
  OpenAPI: asJson,
  SSE: asJson,
  'WebSocket frame': asJson,
  'close reason': (text) => text,
  bytes: (text) => text,
};

const ready = { event: 'ready', url: 'http://127.0.0.1:7420', runtimeId: 'local', pid: 1 };
const page: PageTexts = {
  outerHTML: '<html><title>Workport</title><main title="1 &lt; 2">Idle</main></html>',
  innerText: 'Idle',
  title: 'Workport',
  url: 'http://127.0.0.1:7420/',
  sessionStorage: '{"token":"x"}',
  localStorage: '{}',
  console: ['connected', 'reconnected'],
};

let hostUrl = '';
let worker: WorkerRef;
beforeAll(async () => {
  const backend = generatorBackend({
    id: 'echo',
    run: async function* () {
      yield text('content');
    },
  });
  const runtime = createRuntime({ profiles: { echo: { label: 'Echo', backend } } });
  const host = await serveGateway(runtime, nullLogger);
  hostUrl = host.url;
  worker = await createWorker(runtime, 'echo');
  await runtime.execute({ type: 'input', worker, parts: textPart('go') });
  await observeUntil(runtime, worker, isType('input-ended'));
  return async () => {
    await host.close();
    await runtime[Symbol.asyncDispose]();
  };
});

/** Everything that there is to record, through a stand-in that plants something. */
async function recorded(plant?: Plant): Promise<Recording> {
  await using between = await standIn(hostUrl, plant);
  const { ask, replies } = recorder(between.url, hostToken);
  const path = `/api/v1/runtimes/${runtimeId}/workers/${worker.workerId}`;
  await ask({ path: '/healthz', kind: 'live' });
  await ask({ path, kind: 'worker' });
  await ask({ path: `${path}/nothing`, kind: 'problem' });
  await ask({ path: '/api/v1/openapi.json', kind: 'openapi' });
  await ask({ path: `${path}/observations/stream?after=start`, kind: 'stream', until: '"type":"input-ended"' });
  const refused = await recordSocket(between.url, { asked: 'refused socket', token: 'wrong' });
  await refused.closed;
  const socket = await recordSocket(between.url, { asked: 'socket', token: hostToken });
  socket.say({ type: 'subscribe', id: 'a', ...worker, after: 'start' });
  await socket.until('"type":"input-ended"');
  await socket.end();
  return { replies, sockets: [refused, socket], ready: `${JSON.stringify(ready)}\n`, dom: page };
}

const leaksOf = (recording: Recording) =>
  leaksIn(recording, canary.planted).map(({ where, place }) => ({ where, place }));

test('nothing is found where nothing was planted, and all there is was recorded', async () => {
  const recording = await recorded();
  expect(leaksOf(recording)).toEqual([]);
  expect(recording.replies?.map(({ status }) => status)).toEqual([200, 200, 404, 200, 200]);
  expect(recording.replies?.[4]?.body).toContain('"type":"input-ended"');
  expect(recording.sockets?.map(({ close }) => close?.code)).toEqual([4001, 1005]);
});

describe.each(Object.entries(encodings))('a canary that leaks %s', (_encoding, encoded) => {
  test.for(Object.keys(formOf) as PlantPlace[])('in %s is found there, and nothing else is', async (place) => {
    const recording = await recorded({ place, text: formOf[place](encoded) });
    expect(leaksOf(recording)).toEqual([{ where: 'planted', place }]);
  });

  test('in the ready line is found there, and nothing else is', async () => {
    const recording = { ...(await recorded()), ready: `${JSON.stringify(ready).slice(0, -1)},${asJson(encoded)}}\n` };
    expect(leaksOf(recording)).toEqual([{ where: 'planted', place: 'ready line' }]);
    const later = { ...recording, ready: `${JSON.stringify(ready)}\nlistening ${encoded}\n` };
    expect(leaksOf(later)).toEqual([{ where: 'planted', place: 'ready line' }]);
  });

  test.for(Object.keys(page))('in %s of a page is found there, and nothing else is', async (name) => {
    const dom = { ...page, [name]: name === 'console' ? ['connected', encoded] : `${String(page[name])} ${encoded}` };
    const found = leaksIn({ ...(await recorded()), dom }, canary.planted);
    expect(found).toEqual([{ where: 'planted', place: 'DOM', asked: name }]);
  });
});

test('a canary that a page shows as markup is found', () => {
  const outerHTML = `<main title="${secret.replaceAll('"', '&quot;')}"></main>`;
  expect(leaksIn({ dom: { outerHTML } }, canary.planted)).toEqual([
    { where: 'planted', place: 'DOM', asked: 'outerHTML' },
  ]);
});
