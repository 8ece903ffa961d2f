import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/index.js';
import type { WorkerRef } from '../../src/index.js';
import { faultyLog } from '../support/faulty-log.js';
import { able, noticed, scriptedBackend } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';

/** A log that outlives its hosts, with a Worker in it whose host ended while it was idle. */
async function left() {
  const log = faultyLog({ ...faultyLog(inMemoryLog()), [Symbol.asyncDispose]: () => Promise.resolve() });
  let worker: WorkerRef | undefined;
  {
    await using host = scripted({ log });
    worker = await host.idle();
  }
  return { log, worker };
}

test('W19: what a backend says within recover, after the log is back, is appended before anything else is decided', async () => {
  const { log, worker } = await left();
  const backend = scriptedBackend();
  backend.on('recover', ({ publisher }) => {
    void publisher.disconnect({ kind: 'unknown' });
    return { outcome: 'adopted', capabilities: able };
  });
  log.fault('failed');
  await using host = scripted({ log, backend });
  const isOfDisconnect = log.fault('hangs', {
    when: (_, { observations }) => observations.some(({ json }) => json.includes('"execution-disconnected"')),
  });
  await host.clock.advance(50);
  await isOfDisconnect.hit;
  await host.clock.settle();
  const reconnected = host.runtime.execute({ type: 'reconnect', worker });
  await host.clock.settle();
  isOfDisconnect.clear();
  await host.clock.settle();
  expect(await reconnected).toMatchObject({ outcome: 'accepted' });
  expect((await host.story(worker)).slice(-4)).toEqual([
    'execution-connecting',
    'execution-disconnected exited',
    'execution-connecting',
    'execution-connected',
  ]);
  expect(await host.runtime.execute({ type: 'stop', worker })).toMatchObject({ outcome: 'accepted' });
});

test('W9: what a backend publishes within recover, after the log is back, stands behind its connection', async () => {
  const { log, worker } = await left();
  const backend = scriptedBackend();
  backend.on('recover', ({ publisher }) => {
    void publisher.publish(noticed('first'));
    return { outcome: 'adopted', capabilities: able };
  });
  log.fault('failed');
  await using host = scripted({ log, backend });
  await host.clock.advance(50);
  await host.clock.settle();
  expect((await host.story(worker)).slice(-3)).toEqual(['execution-connecting', 'execution-connected', 'notice first']);
});
