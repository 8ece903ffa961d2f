import { expect, test } from 'vitest';

import type { NatsConnection } from '../../src/adapters/nats/index.js';
import { openStream } from '../../src/adapters/worker-log/jetstream/open-stream.js';
import { subjectsOf } from '../../src/adapters/worker-log/jetstream/subjects.js';
import { openBucket } from '../../src/adapters/worker-ownership/jetstream/open-bucket.js';

const absent = { error: { code: 404, err_code: 10059, description: 'stream not found' } };
const overlaps = { error: { code: 500, err_code: 10065, description: 'subjects overlap with an existing stream' } };
const inUse = { error: { code: 400, err_code: 10058, description: 'stream name already in use' } };

/** A server that was asked by another host between two requests of this one. `second`: what the one that came late is told. */
function contested(second: object): NatsConnection {
  let config: object | undefined;
  let isFirst = true;
  const request = async (subject: string, data: string) => {
    let answer: object = config ? { config } : absent;
    if (subject.startsWith('$JS.API.STREAM.CREATE.')) {
      answer = isFirst ? second : { config: JSON.parse(data) as object };
      isFirst = false;
      config = JSON.parse(data) as object;
    }
    return { data: new TextEncoder().encode(JSON.stringify(answer)) };
  };
  return { serverVersion: '2.10.0', request } as unknown as NatsConnection;
}

test.for([
  ['that its subjects are taken', overlaps],
  ['that its name is', inUse],
] as const)('two hosts that begin at once both find what one of them made: one is told %s', async ([, second]) => {
  const bucket = { bucket: 'hosts-members', said: 'hosts.said-members', replicas: undefined };
  expect(await openBucket(contested(second), bucket)).toBe(1);
  const stream = { name: 'hosts', subjects: subjectsOf('hosts'), replicas: undefined };
  expect(await openStream(contested(second), stream)).toEqual({ replicas: 1 });
});

test('what has the subjects and another name is told', async () => {
  const request = async (subject: string) => {
    const answer = subject.startsWith('$JS.API.STREAM.CREATE.') ? overlaps : absent;
    return { data: new TextEncoder().encode(JSON.stringify(answer)) };
  };
  const connection = { serverVersion: '2.10.0', request } as unknown as NatsConnection;
  const bucket = { bucket: 'hosts-members', said: 'hosts.said-members', replicas: undefined };
  await expect(openBucket(connection, bucket)).rejects.toThrow('cannot be made: subjects overlap');
});
