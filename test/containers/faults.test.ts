import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { CountedLog } from '../support/containers/counted-log.js';
import type { CountingHost, CountingWorker } from '../support/containers/counting.js';
import { eventually, startCounting } from '../support/containers/counting.js';
import { isDockerThere, startMs, sweep } from '../support/containers/engine.js';
import { workportImage } from '../support/containers/image.js';
import type { TestNetwork } from '../support/containers/network.js';
import { startNetwork } from '../support/containers/network.js';
import type { ContainedServer } from '../support/containers/server.js';
import { startServer } from '../support/containers/server.js';
import { logUntil, startCountingProcess } from '../support/containers/counting-process.js';
import { expectAccepted } from '../support/runtime.js';

const onDocker = test.skipIf(!(await isDockerThere())).concurrent;
const connected = 'connected to the backend server';
const lost = 'the connection to the backend server is lost';
/** A pause that nobody minds: shorter than the silence that makes a connection dead. */
const pauseMs = 4_000;
const caseMs = 180_000;

let image = '';
let network: TestNetwork | undefined;

beforeAll(async () => {
  if (!(await isDockerThere())) return;
  await sweep();
  image = await workportImage();
  network = await startNetwork();
}, startMs);
afterAll(async () => network?.[Symbol.asyncDispose]());

function start(scheme: 'tcp' | 'tls' = 'tcp'): Promise<ContainedServer> {
  if (!network) throw new Error('there is no network');
  return startServer({ image, network, scheme, module: 'counting-backend.mjs' });
}

const each = async (workers: readonly CountingWorker[], act: (worker: CountingWorker) => Promise<unknown>) =>
  void (await Promise.all(workers.map(act)));

const isLost = ({ told }: CountingHost): Promise<void> => eventually(() => expect(told()).toContain(lost));

/** What is sent while nothing is connected is refused, and was not executed. */
async function refusesInputs({ idle }: CountingHost): Promise<void> {
  expect(await idle.send()).toMatchObject({ outcome: 'errored', code: 'backend-disconnected', executed: 'no' });
  expect(await idle.status()).toBe('idle');
}

/** It all goes on, to its end, as if nothing had been; and what is new is taken. */
async function goesOn({ counting, idle, all }: CountingHost): Promise<void> {
  await each(counting, (worker) => worker.countsOn());
  await eventually(async () => void expectAccepted(await idle.send()));
  await idle.countsOn();
  await each(all, (worker) => worker.finish());
  for (const { log } of all) {
    expect(log.types.filter((type) => type === 'execution-connected')).toHaveLength(1);
    expect(log.types).not.toContain('execution-disconnected');
  }
}

/** Every execution is gone: its Worker says so, and its open run ended. */
async function isGone({ all, counting, idle }: CountingHost): Promise<void> {
  await eventually(async () => {
    for (const worker of all) expect(await worker.status()).toBe('unconnected');
    for (const { log } of all) expect(log.types).toContain('execution-disconnected');
  });
  for (const { log } of counting) {
    log.check();
    expect(log.end).toBe('interrupted');
    expect(log.total).toBeUndefined();
    expect(log.types.slice(-3)).toEqual(['question-closed', 'input-ended', 'execution-disconnected']);
  }
  expect(idle.log.types).toEqual(['worker-created', 'execution-connected', 'execution-disconnected']);
  for (const { log } of all) {
    expect(log.observations.at(-1)?.event).toMatchObject({ generation: 1, reason: 'connection-lost' });
  }
}

/** A Worker that lost its execution gets another, where there is a server. */
async function beginsAnew({ all }: CountingHost): Promise<void> {
  await each(all, async (worker) => {
    await eventually(async () => void expectAccepted(await worker.reconnect()));
    expectAccepted(await worker.send());
    await worker.countsOn();
    await worker.finish();
  });
}

describe('a container with a backend server', () => {
  onDocker(
    'E5, O7: that is paused for a moment goes on, and nobody notices [needs docker]',
    async () => {
      await using server = await start();
      await using host = await startCounting(server.options);
      await server.pause();
      await setTimeout(pauseMs);
      await server.unpause();
      await goesOn(host);
      expect(host.told()).toEqual([connected]);
    },
    caseMs,
  );

  onDocker(
    'E5, R2: that is paused until it is given up is resumed once it goes on: nothing is lost or doubled [needs docker]',
    async () => {
      await using server = await start('tls');
      await using host = await startCounting(server.options);
      await server.pause();
      await isLost(host);
      await refusesInputs(host);
      await server.unpause();
      await goesOn(host);
    },
    caseMs,
  );

  onDocker(
    'E5, W8: whose network is taken away and given back is resumed: nothing is lost or doubled, and meanwhile nothing is executed [needs docker]',
    async () => {
      await using server = await start();
      await using host = await startCounting(server.options);
      await server.disconnect();
      await isLost(host);
      await refusesInputs(host);
      await server.connect();
      await goesOn(host);
    },
    caseMs,
  );

  onDocker(
    'R2, O4: that is killed and comes back has lost its executions, and their Workers say so at once [needs docker]',
    async () => {
      await using server = await start();
      await using host = await startCounting(server.options);
      await server.kill();
      await isLost(host);
      await refusesInputs(host);
      await server.start();
      await isGone(host);
      await beginsAnew(host);
    },
    caseMs,
  );

  onDocker(
    'R2, O4: that is started anew has lost its executions, and their Workers say so at once [needs docker]',
    async () => {
      await using server = await start('tls');
      await using host = await startCounting(server.options);
      await server.restart();
      await isGone(host);
      await beginsAnew(host);
    },
    caseMs,
  );

  onDocker(
    'O4, R5: that is killed and stays away has lost its executions when the grace is over, and not before [needs docker]',
    async () => {
      const graceMs = 5_000;
      await using server = await start();
      await using host = await startCounting({ ...server.options, graceMs });
      const killedAt = performance.now();
      await server.kill();
      await isLost(host);
      for (const worker of host.counting) expect(await worker.status()).toBe('busy');
      await refusesInputs(host);
      await isGone(host);
      expect(performance.now() - killedAt).toBeGreaterThanOrEqual(graceMs);
    },
    caseMs,
  );
});

describe('a host of a container with a backend server', () => {
  onDocker(
    'R1, R2: that is killed and started again finds what runs there: nothing is lost or doubled [needs docker]',
    async ({ onTestFinished }) => {
      await using server = await start();
      const cwd = await mkdtemp(join(tmpdir(), 'workport-container-host-'));
      onTestFinished(() => rm(cwd, { recursive: true, force: true }));
      const host = { cwd, server: server.options, onEnd: onTestFinished };
      const first = await startCountingProcess(host);
      const create = () => first.create({ profile: 'count', input: { text: 'count' } });
      const workers = await Promise.all([create(), create(), create()]);
      const before = await Promise.all(
        workers.map((worker) => logUntil(first, worker, ({ said }) => said.length > 20)),
      );
      first.child.kill('SIGKILL');
      await first.ended;
      const second = await startCountingProcess(host);
      const finished = workers.map(async (worker, index) => {
        const [seen = 0] = [before[index]?.said.length];
        // The question is asked again behind what was said without a host.
        const isOn = ({ said, types, openQuestion }: CountedLog): boolean =>
          types.includes('execution-connecting') && openQuestion !== undefined && said.length > seen + 20;
        const { openQuestion } = await logUntil(second, worker, isOn);
        const answered = await second.post(`${worker}/questions/${openQuestion ?? ''}/answer`, { text: 'yes' });
        expect(answered).toEqual({ status: 200, body: {} });
        return logUntil(second, worker, ({ end }) => end !== undefined);
      });
      for (const { said, total, end, types, observations } of await Promise.all(finished)) {
        expect({ end, total }).toEqual({ end: 'completed', total: said.length });
        expect(types.filter((type) => type === 'execution-connected')).toHaveLength(2);
        expect(observations.map(({ event }) => event)).toContainEqual({
          type: 'execution-connecting',
          generation: 2,
          cause: 'recover',
        });
      }
    },
    caseMs,
  );
});
