import { expect, onTestFinished, test } from 'vitest';

import { jetStreamOwnership } from '../../../src/adapters/worker-ownership/jetstream/index.js';
import type { JetStreamOwnershipOptions } from '../../../src/adapters/worker-ownership/jetstream/index.js';
import { natsConnectionTo, serverOfTest } from '../../support/jetstream-ownership.js';
import { natsPrograms } from '../../support/nats-server.js';

const { isHere } = natsPrograms['nats-server'];
const duties = { orphaned: async () => undefined, lost: async () => undefined, entered: () => undefined };

async function refusal(options: JetStreamOwnershipOptions, load?: () => Promise<never>): Promise<unknown> {
  const ownership = jetStreamOwnership(options, load);
  onTestFinished(() => ownership[Symbol.asyncDispose]());
  return ownership.enter(duties).then(
    () => 'entered',
    (cause: unknown) => cause,
  );
}

test('a lease that is too short and a name that is no word are refused', () => {
  const servers = ['127.0.0.1:4222'];
  expect(() => jetStreamOwnership({ servers, leaseMs: 499 })).toThrow(TypeError);
  expect(() => jetStreamOwnership({ servers, leaseMs: Number.NaN })).toThrow(TypeError);
  expect(() => jetStreamOwnership({ servers, name: 'a.b' })).toThrow(TypeError);
});

test('a client that is not installed is named', async () => {
  const load = async () => Promise.reject(new Error('not found'));
  expect(await refusal({ servers: ['127.0.0.1:4222'] }, load)).toMatchObject({ problem: 'package-missing' });
});

test(
  'a server that does not answer is told from one that keeps nothing [needs nats-server]',
  { skip: !isHere },
  async () => {
    const server = await serverOfTest({ jetStream: false });
    const servers = [server.address];
    expect(await refusal({ servers })).toMatchObject({
      problem: 'no-jetstream',
      message: expect.stringContaining('enable it'),
    });
    await server.kill();
    expect(await refusal({ servers })).toMatchObject({ problem: 'unreachable' });
  },
);

test('a bucket of that name that is another one is left as it is [needs nats-server]', { skip: !isHere }, async () => {
  const server = await serverOfTest();
  const connection = await natsConnectionTo([server.address]);
  const config = { name: 'KV_taken-owners', subjects: ['$KV.taken-owners.>'], max_msgs_per_subject: 5 };
  await connection.request('$JS.API.STREAM.CREATE.KV_taken-owners', JSON.stringify(config), { timeoutMs: 5_000 });
  expect(await refusal({ servers: [server.address], name: 'taken' })).toMatchObject({
    problem: 'other-configuration',
    message: expect.stringMatching(/taken-owners.*max_msgs_per_subject/),
  });
});

test(
  'replicas on a server that cannot compare revisions in a cluster are refused [needs nats-server]',
  { skip: !isHere },
  async () => {
    const server = await serverOfTest();
    const connection = await natsConnectionTo([server.address]);
    const isOld = /^2[.]9[.]1?\d$/.test(connection.serverVersion);
    expect(await refusal({ servers: [server.address], replicas: 3 })).toMatchObject({
      problem: isOld ? 'too-old' : 'other-configuration',
    });
  },
);
