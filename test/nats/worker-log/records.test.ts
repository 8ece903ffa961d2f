import { beforeAll, describe, expect, test } from 'vitest';

import { Sequence } from '../../../src/domain/ids.js';
import type { WorkerLog } from '../../../src/ports/worker-log.js';
import { workerIdOf } from '../../support/heads.js';
import { batchAfter, connectionTo, everything, logOf, messagesOf, owner } from '../../support/jetstream-log.js';
import { call } from '../../support/log-session.js';
import { natsPrograms, natsServer } from '../../support/nats-server.js';
import type { NatsProgram, NatsServer } from '../../support/nats-server.js';
import { encodedNotices } from '../../support/observations.js';

const worker = workerIdOf(1);

describe.each(Object.keys(natsPrograms) as NatsProgram[])('records on %s', (program) => {
  const { isHere } = natsPrograms[program];
  const needs = `[needs ${program}]`;
  let server: NatsServer;
  if (isHere) beforeAll(async () => void (server = await natsServer({ program })));
  const host = (name: string): WorkerLog => logOf({ servers: [server.address], name });

  /** A batch that does not go into one message. */
  const largeBatch = (last: number, revision: number) => {
    const batch = batchAfter(worker, last, revision, 3);
    const observations = batch.observations.map((observation) => ({
      ...observation,
      json: observation.json.replace('"notice ', `"${'é'.repeat(400_000)}`),
    }));
    return { ...batch, observations };
  };

  test.runIf(isHere)(`W6: what is larger than a message is there as a whole, and a head is told ${needs}`, async () => {
    const log = host('large');
    const batch = largeBatch(0, 0);
    expect(await log.append(worker, Sequence(0), batch)).toBe('appended');
    const other = host('large');
    expect(await everything(other, worker)).toEqual(batch.observations);
    expect(await other.head(worker, call)).toEqual(batch.head);
    const huge = { ...batch.head, revision: 2, profile: 'p'.repeat(3_000_000) };
    expect(await log.append(worker, Sequence(3), { observations: [], head: huge })).toBe('appended');
    expect(await other.head(worker, call)).toEqual(huge);
    const heads = [];
    for await (const head of other.heads(call)) heads.push(head);
    expect(heads).toEqual([huge]);
  });

  test.runIf(isHere)(
    `W6, O7: pieces whose record never came are seen by nobody, and go with a trim ${needs}`,
    async () => {
      const log = host('unfinished');
      const writer = owner(log, worker);
      await writer.append(1);
      const connection = await connectionTo([server.address]);
      const piece = 'a piece'.repeat(1_000);
      await connection.request(`unfinished.piece.${worker}`, piece, { timeoutMs: 5_000 });
      expect(await everything(host('unfinished'), worker)).toEqual(encodedNotices(1, 1));
      const batch = largeBatch(1, 1);
      expect(await log.append(worker, Sequence(1), batch)).toBe('appended');
      expect(await everything(log, worker)).toEqual([...encodedNotices(1, 1), ...batch.observations]);
      await log.trim(worker, Sequence(3));
      expect(await everything(log, worker)).toEqual(batch.observations.slice(1));
      expect(await messagesOf(connection, 'unfinished', `unfinished.piece.${worker}`)).toEqual({
        [`unfinished.piece.${worker}`]: 2,
      });
    },
  );

  test.runIf(isHere)(`P3: who follows gets what is larger than a message ${needs}`, async () => {
    const log = host('large-followed');
    await owner(log, worker).append(1);
    const pages = host('large-followed').follow(worker, Sequence(1), call)[Symbol.asyncIterator]();
    const waiting = pages.next();
    const batch = largeBatch(1, 1);
    expect(await log.append(worker, Sequence(1), batch)).toBe('appended');
    const seen = [];
    for (let page = await waiting; !page.done && seen.length < 3; page = await pages.next()) {
      seen.push(...page.value.observations);
      if (seen.length === 3) break;
    }
    await pages.return?.();
    expect(seen).toEqual(batch.observations);
  });

  test.runIf(isHere)(`O7: a long log among others is read from anywhere, and trimmed anywhere ${needs}`, async () => {
    const log = host('long');
    const writer = owner(log, worker);
    const others = [2, 3].map((n) => owner(log, workerIdOf(n)));
    for (let count = 0; count < 1_500; count += 1) {
      expect(await writer.append(count % 3)).toBe('appended');
      if (count % 4 === 0) await others[count % 8 === 0 ? 0 : 1]?.append(1);
    }
    const { last } = writer.state;
    const whole = encodedNotices(1, last);
    const other = host('long');
    expect(await everything(other, worker)).toEqual(whole);
    expect(await everything(host('long'), worker, 7)).toEqual(whole);
    for (const after of [1, 17, 700, 701, 702, 1_400, last - 1, last]) {
      const page = await other.read(worker, Sequence(after), 5, call);
      expect(page).toEqual({ first: 1, last, observations: whole.slice(after, after + 5) });
    }
    for (const before of [2, 3, 500, 501, 502]) {
      await log.trim(worker, Sequence(before));
      const page = await host('long').read(worker, Sequence(0), 3, call);
      expect(page).toEqual({ first: before, last, observations: whole.slice(before - 1, before + 2) });
    }
    expect(await everything(other, workerIdOf(2))).toHaveLength(188);
  });

  test.runIf(isHere)(
    `O7, W8: a trim keeps the head, and where the log begins, also for another host ${needs}`,
    async () => {
      const log = host('trimmed');
      const writer = owner(log, worker);
      for (const count of [2, 3, 4]) await writer.append(count);
      await log.trim(worker, Sequence(8));
      const other = host('trimmed');
      expect(await other.read(worker, Sequence(0), 9, call)).toEqual({
        first: 8,
        last: 9,
        observations: encodedNotices(8, 9),
      });
      await log.trim(worker, Sequence(100));
      expect(await other.read(worker, Sequence(0), 9, call)).toEqual({ first: 10, last: 9, observations: [] });
      expect(await other.head(worker, call)).toMatchObject({ sequence: 9, revision: 3 });
      const connection = await connectionTo([server.address]);
      expect(await messagesOf(connection, 'trimmed', 'trimmed.>')).toEqual({
        [`trimmed.log.${worker}`]: 1,
        [`trimmed.first.${worker}`]: 1,
      });
      await writer.append(1);
      expect(await everything(other, worker)).toEqual(encodedNotices(10, 10));
    },
  );

  test.runIf(isHere)(`P3: 3,000 observations in as many records are replayed many at a time ${needs}`, async () => {
    const log = host('replayed');
    const writers = Array.from({ length: 8 }, (_, n) => owner(log, workerIdOf(n + 2)));
    const writer = owner(log, worker);
    const noise = writers.map(async ({ append }) => {
      for (let count = 0; count < 100; count += 1) await append(1);
    });
    for (let count = 0; count < 3_000; count += 1) await writer.append(1);
    await Promise.all(noise);
    const startedAt = performance.now();
    expect(await everything(host('replayed'), worker)).toHaveLength(3_000);
    // One by one they take a third of a millisecond each where nothing else runs; this is a bound for a busy machine.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
