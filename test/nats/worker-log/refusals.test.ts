import { beforeAll, expect, test } from 'vitest';

import { jetStreamLog } from '../../../src/adapters/worker-log/jetstream/index.js';
import type { JetStreamLogOptions } from '../../../src/adapters/worker-log/jetstream/index.js';
import { workerIdOf } from '../../support/heads.js';
import { ask, connectionTo, logOf, owner } from '../../support/jetstream-log.js';
import { natsPrograms, natsServer } from '../../support/nats-server.js';
import type { NatsServer } from '../../support/nats-server.js';
import { recordingLogger } from '../../support/recording-logger.js';

const { isHere } = natsPrograms['nats-server'];
let server: NatsServer;
if (isHere) beforeAll(async () => void (server = await natsServer()));

/** What opening it says. */
async function refusalOf(options: JetStreamLogOptions): Promise<unknown> {
  const log = logOf(options);
  return log.open?.().then(
    () => 'opened',
    (cause: unknown) => cause,
  );
}

test('a log whose package is not installed says which one to install', async () => {
  const missing = () => Promise.reject(new Error('Cannot find package'));
  const log = jetStreamLog({ servers: ['127.0.0.1:1'] }, missing);
  await expect(log.open?.()).rejects.toMatchObject({
    problem: 'package-missing',
    message: expect.stringContaining('npm install @nats-io/transport-node@~3.3.1'),
  });
  expect(await owner(log, workerIdOf(1)).append(1)).toBe('failed');
});

test('a server that does not answer is named so, and no credential with it', async () => {
  const logger = recordingLogger();
  const cause = await refusalOf({ servers: ['127.0.0.1:1'], user: 'somebody', password: 'hunter2', logger });
  expect(cause).toMatchObject({ problem: 'unreachable' });
  expect(JSON.stringify([String(cause), logger.lines])).not.toMatch(/hunter2|somebody/);
});

test('credentials in an address are refused, and not repeated', async () => {
  const cause = await refusalOf({ servers: ['nats://somebody:hunter2@127.0.0.1:1'] });
  expect(String(cause)).toContain('an address holds no credentials');
  expect(String(cause)).not.toContain('hunter2');
});

test('a name that cannot be a subject is refused', () => {
  expect(() => jetStreamLog({ servers: ['127.0.0.1:1'], name: 'a.b' })).toThrow('name: letters');
});

test.runIf(isHere)('an account that is refused is told so; the right one is let in [needs nats-server]', async () => {
  await using guarded = await natsServer({ config: ['authorization { user: somebody, password: hunter2 }'] });
  const servers = [guarded.address];
  const wrong = await refusalOf({ servers, user: 'somebody', password: 'wrong-password' });
  expect(wrong).toMatchObject({ problem: 'denied' });
  expect(String(wrong)).not.toContain('wrong-password');
  expect(await refusalOf({ servers })).toMatchObject({ problem: 'denied' });
  expect(await refusalOf({ servers, user: 'somebody', password: 'hunter2' })).toBe('opened');
});

test.runIf(isHere)('an account that may not use JetStream is told so [needs nats-server]', async () => {
  const permissions = 'permissions { publish: { deny: "$JS.API.>" } }';
  await using guarded = await natsServer({
    config: [`authorization { users: [ { user: somebody, password: hunter2, ${permissions} } ] }`],
  });
  const cause = await refusalOf({ servers: [guarded.address], user: 'somebody', password: 'hunter2' });
  expect(cause).toMatchObject({ problem: 'denied' });
});

test.runIf(isHere)('a server without JetStream is told so [needs nats-server]', async () => {
  await using plain = await natsServer({ jetStream: false });
  expect(await refusalOf({ servers: [plain.address] })).toMatchObject({ problem: 'no-jetstream' });
});

test.runIf(isHere)(
  'a stream of that name with another configuration is refused, and said how it differs [needs nats-server]',
  async () => {
    const servers = [server.address];
    const connection = await connectionTo(servers);
    await ask(connection, 'STREAM.CREATE.taken', {
      name: 'taken',
      subjects: ['taken.>'],
      storage: 'memory',
      max_age: 1e12,
    });
    expect(await refusalOf({ servers, name: 'taken' })).toMatchObject({
      problem: 'other-configuration',
      message: expect.stringMatching(/subjects.*storage.*max_age/),
    });
  },
);

test.runIf(isHere)(
  'replicas that the stream does not have are refused, and a server too old for them [needs nats-server]',
  async () => {
    const servers = [server.address];
    expect(await refusalOf({ servers, name: 'replicated', replicas: 3 })).toMatchObject({
      problem: 'too-old',
      message: expect.stringContaining('2.9.21'),
    });
  },
);
