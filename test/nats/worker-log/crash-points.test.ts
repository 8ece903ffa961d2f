import { beforeAll, describe, expect, test } from 'vitest';

import type { NatsConnection } from '../../../src/adapters/nats/index.js';
import { InputIndex } from '../../../src/adapters/worker-log/jetstream/input-index.js';
import { Positions } from '../../../src/adapters/worker-log/jetstream/positions.js';
import { Gone } from '../../../src/adapters/worker-log/jetstream/record-reader.js';
import { Records } from '../../../src/adapters/worker-log/jetstream/records.js';
import type { Standing } from '../../../src/adapters/worker-log/jetstream/standing.js';
import { LogStream } from '../../../src/adapters/worker-log/jetstream/stream.js';
import { subjectsOf } from '../../../src/adapters/worker-log/jetstream/subjects.js';
import { Sequence } from '../../../src/domain/ids.js';
import type { Cursor } from '../../../src/domain/observation/cursor.js';
import type { LedgerEntry } from '../../../src/domain/worker/ledger.js';
import { systemClock } from '../../../src/ports/clock.js';
import type { WorkerHead } from '../../../src/ports/worker-log.js';
import { headAt, workerIdOf } from '../../support/heads.js';
import { ask, connectionTo, everything, logOf, messagesOf, owner } from '../../support/jetstream-log.js';
import { call } from '../../support/log-session.js';
import { natsPrograms, natsServer } from '../../support/nats-server.js';
import type { NatsProgram, NatsServer } from '../../support/nats-server.js';
import { encodedNotices, inputIdOf } from '../../support/observations.js';

const worker = workerIdOf(1);
const entry = (n: number, state: 'undecided' | 'unknown' = 'unknown'): LedgerEntry => ({
  inputId: inputIdOf(n),
  digest: 'd',
  state,
});

describe.each(Object.keys(natsPrograms) as NatsProgram[])('a host that ended in between, on %s', (program) => {
  const { isHere } = natsPrograms[program];
  const needs = `[needs ${program}]`;
  let server: NatsServer;
  if (isHere) beforeAll(async () => void (server = await natsServer({ program })));
  const host = (name: string) => logOf({ servers: [server.address], name });

  /** What a host sends that removes a Worker, and then ends. */
  async function beginRemoval(connection: NatsConnection, name: string, head?: WorkerHead): Promise<void> {
    const headers = {
      'Nats-Rollup': 'sub',
      'Workport-Record': head ? `t 1 0 ${head.revision}` : 'x 1 0 0',
      'Nats-Msg-Id': 'of another host',
    };
    const data = head ? `${JSON.stringify(head)}\n[]` : 'removed';
    await connection.request(`${name}.log.${worker}`, data, { timeoutMs: 5_000, headers });
  }

  test.runIf(isHere)(
    `W8: an entry that only its record tells is found, and stays when the next one comes ${needs}`,
    async () => {
      const [one, name] = [host('index'), 'index'];
      const writer = owner(one, worker);
      await writer.append(1, [entry(1, 'undecided')]);
      await writer.append(1, [entry(1), entry(2)]);
      const connection = await connectionTo([server.address]);
      const indexed = () => messagesOf(connection, name, `${name}.input.>`);
      await expect.poll(async () => Object.values(await indexed())).toEqual([2, 1]);
      await one[Symbol.asyncDispose]();
      await ask(connection, `STREAM.PURGE.${name}`, { filter: `${name}.input.>` });
      const other = host('index');
      expect(await other.input(worker, inputIdOf(2), call)).toEqual(entry(2));
      const next = owner(other, worker);
      await next.look();
      expect(await next.append(1)).toBe('appended');
      expect(Object.keys(await indexed())).toHaveLength(2);
      expect(await other.input(worker, inputIdOf(1), call)).toEqual(entry(1));
      expect(await other.input(worker, inputIdOf(3), call)).toBeUndefined();
    },
  );

  test.runIf(isHere)(
    `W8: the entry of an earlier record that comes late takes the place of none ${needs}`,
    async () => {
      const log = host('late');
      const writer = owner(log, worker);
      await writer.append(0, [entry(1, 'undecided')]);
      await writer.append(0, [entry(1)]);
      await writer.append(1);
      const connection = await connectionTo([server.address]);
      const headers = { 'Nats-Expected-Last-Subject-Sequence': '0', 'Workport-Of': '1' };
      const subject = `late.input.${worker}.${inputIdOf(1)}`;
      await connection.request(subject, JSON.stringify(entry(1, 'undecided')), { timeoutMs: 5_000, headers });
      expect(await log.input(worker, inputIdOf(1), call)).toEqual(entry(1));
      // A host that was paused for long, and wakes up.
      const stream = new LogStream('late', connection, systemClock, false);
      const standing = { sequence: 1, id: '', exists: true, isTombstone: false, last: 0, revision: 1 };
      const late: Standing = { ...standing, inputs: [entry(1, 'undecided')] };
      expect(await new InputIndex(stream, subjectsOf('late')).begin(worker, late)).toBe(true);
      expect(await log.input(worker, inputIdOf(1), call)).toEqual(entry(1));
    },
  );

  test.runIf(isHere)(
    `W8: of an input that one record tells of twice, as a create does, the last holds when other records came ${needs}`,
    async () => {
      const log = host('twice');
      const writer = owner(log, worker);
      const accepted: LedgerEntry = {
        ...entry(1),
        state: 'accepted',
        cursor: 'wo_00000001_0000000000000001' as Cursor,
      };
      await writer.append(1, [entry(1, 'undecided'), accepted]);
      await writer.append(1);
      await writer.append(1);
      expect(await log.input(worker, inputIdOf(1), call)).toEqual(accepted);
    },
  );

  test.runIf(isHere)(
    `W13: a log that is removed while a page of it is read is never shown in part ${needs}`,
    async () => {
      const name = 'removed-meanwhile';
      const connection = await connectionTo([server.address]);
      const writer = owner(host(name), worker);
      await writer.append(1);
      await writer.append(1);
      await writer.append(1);
      const stream = new LogStream(name, connection, systemClock, false);
      const records = new Records(stream, subjectsOf(name), new Positions());
      const newest = await records.newest(worker);
      if (!newest) throw new Error('there is no record');
      const read = records.from(worker, 1, newest);
      expect((await read.next()).done).toBe(false);
      await beginRemoval(connection, name);
      await expect(read.next()).rejects.toThrow(Gone);
    },
  );

  test.runIf(isHere)(
    `W13: a removal that nobody swept has left nothing to see, and is swept at the next start ${needs}`,
    async () => {
      const name = 'unswept';
      const log = host(name);
      const writer = owner(log, worker);
      await writer.append(3, [entry(1)]);
      await writer.append(1);
      const connection = await connectionTo([server.address]);
      await beginRemoval(connection, name);
      expect(await log.head(worker, call)).toBeUndefined();
      expect(await log.input(worker, inputIdOf(1), call)).toBeUndefined();
      expect(await log.read(worker, Sequence(0), 9, call)).toEqual({ first: 1, last: 0, observations: [] });
      expect(await writer.append(1)).toBe('conflict');
      const next = host(name);
      const heads = [];
      for await (const head of next.heads(call)) heads.push(head);
      expect(heads).toEqual([]);
      await expect.poll(() => messagesOf(connection, name, `${name}.>`)).toEqual({});
    },
  );

  test.runIf(isHere)(
    `W13: a Worker that begins anew has nothing of the one whose removal nobody swept ${needs}`,
    async () => {
      const name = 'anew';
      const log = host(name);
      const writer = owner(log, worker);
      await writer.append(3, [entry(1)]);
      await log.trim(worker, Sequence(3));
      await beginRemoval(await connectionTo([server.address]), name);
      const next = owner(host(name), worker);
      expect(await next.append(2)).toBe('appended');
      expect(await everything(log, worker)).toEqual(encodedNotices(1, 2));
      expect(await log.input(worker, inputIdOf(1), call)).toBeUndefined();
    },
  );

  test.runIf(isHere)(`R5, W13: a tombstone whose Worker nobody swept is all there is to see ${needs}`, async () => {
    const name = 'tombstone';
    const log = host(name);
    const writer = owner(log, worker);
    await writer.append(3, [entry(1)]);
    await writer.append(1);
    const connection = await connectionTo([server.address]);
    const tombstone = headAt(worker, 5, 0);
    await beginRemoval(connection, name, tombstone);
    expect(await log.head(worker, call)).toEqual(tombstone);
    expect(await log.input(worker, inputIdOf(1), call)).toBeUndefined();
    expect(await log.read(worker, Sequence(0), 9, call)).toEqual({ first: 1, last: 0, observations: [] });
    await log.remove(worker);
    expect(await messagesOf(connection, name, `${name}.>`)).toEqual({});
  });
});
