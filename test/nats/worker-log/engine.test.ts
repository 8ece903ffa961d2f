import { describe, expect, test } from 'vitest';

import { Sequence } from '../../../src/domain/ids.js';
import { systemClock } from '../../../src/ports/clock.js';
import type { Clock } from '../../../src/ports/clock.js';
import { workerIdOf } from '../../support/heads.js';
import { everything, logOf, owner } from '../../support/jetstream-log.js';
import { call } from '../../support/log-session.js';
import { natsPrograms, natsServer } from '../../support/nats-server.js';
import type { NatsProgram } from '../../support/nats-server.js';
import { encodedNotices, inputIdOf } from '../../support/observations.js';

const { isHere } = natsPrograms['nats-server'];
const limitMs = 120_000;

test.runIf(isHere)(
  'P4: what was answered is there when the server was killed and started again, and each append once [needs nats-server]',
  async () => {
    await using server = await natsServer();
    const log = logOf({ servers: [server.address] });
    const workers = [1, 2, 3, 4].map((n) => ({ workerId: workerIdOf(n), ...owner(log, workerIdOf(n)) }));
    let isOver = false;
    const writing = workers.map(async ({ append, look, state }) => {
      while (!isOver) {
        const before = { ...state };
        const result = await append(1, [{ inputId: inputIdOf(state.revision), digest: 'd', state: 'unknown' }]);
        expect(result).not.toBe('conflict');
        if (result === 'unknown')
          await expect
            .poll(async () =>
              look().then(
                () => 'read',
                () => 'unread',
              ),
            )
            .toBe('read');
        expect(state.revision).toBeGreaterThanOrEqual(before.revision);
        expect(state.last).toBeLessThanOrEqual(before.last + 1);
      }
    });
    const grown = async (by: number): Promise<void> => {
      const goal = workers.map(({ state }) => state.last + by);
      await expect.poll(() => workers.every(({ state }, index) => state.last >= (goal[index] ?? 0))).toBe(true);
    };
    for (let round = 0; round < 4; round += 1) {
      await grown(30);
      await server.kill();
      await server.start();
    }
    await grown(10);
    isOver = true;
    await Promise.all(writing);
    const again = logOf({ servers: [server.address] });
    for (const { workerId, state } of workers) {
      expect(await everything(again, workerId)).toEqual(encodedNotices(1, state.last));
      expect(await again.head(workerId, call)).toMatchObject({ sequence: state.last, revision: state.revision });
      expect(await again.input(workerId, inputIdOf(3), call)).toMatchObject({ state: 'unknown' });
    }
  },
  limitMs,
);

test.runIf(isHere)(
  'W18, W19: an append to a server that hangs is answered, and what the log holds then is told truly [needs nats-server]',
  async () => {
    await using server = await natsServer();
    const log = logOf({ servers: [server.address] });
    const worker = workerIdOf(1);
    const writer = owner(log, worker);
    await writer.append(1);
    server.pause();
    const startedAt = Date.now();
    const result = await writer.append(1);
    expect(result).toBe('unknown');
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    server.resume();
    await expect
      .poll(() =>
        writer.look().then(
          () => 'read',
          () => 'unread',
        ),
      )
      .toBe('read');
    // It may come to the server late, or never: whoever appends next learns of it.
    for (const goal = writer.state.last + 2; writer.state.last < goal;) {
      if ((await writer.append(1)) !== 'appended') await writer.look();
    }
    expect(await everything(log, worker)).toEqual(encodedNotices(1, writer.state.last));
  },
  limitMs,
);

describe.each(Object.keys(natsPrograms) as NatsProgram[])('an answer that comes late, of a %s', (program) => {
  test.runIf(natsPrograms[program].isHere)(
    `W19: makes the append be sent again, and be there once [needs ${program}]`,
    async () => {
      await using server = await natsServer({ program });
      // The pause between two attempts: the first one was given up.
      const after: Clock['after'] = (delayMs, run) => {
        if (delayMs === 50) server.resume();
        return systemClock.after(delayMs, run);
      };
      const log = logOf({ servers: [server.address], clock: { ...systemClock, after } });
      const worker = workerIdOf(1);
      const writer = owner(log, worker);
      for (const count of [1, 0, 2]) {
        expect(await writer.append(1)).toBe('appended');
        server.pause();
        expect(await writer.append(count)).toBe('appended');
      }
      expect(await everything(log, worker)).toEqual(encodedNotices(1, 6));
      expect(await log.head(worker, call)).toMatchObject({ revision: 6 });
    },
    limitMs,
  );
});

test.runIf(isHere)(
  'W18: an append to a server that is gone has failed, and one that waits when it comes back is appended [needs nats-server]',
  async () => {
    await using server = await natsServer();
    const log = logOf({ servers: [server.address] });
    const writer = owner(log, workerIdOf(1));
    await writer.append(1);
    await server.kill();
    expect(await writer.append(1)).toMatch(/failed|unknown/);
    await server.start();
    await expect.poll(() => writer.append(1)).toBe('appended');
  },
  limitMs,
);

test.runIf(isHere)(
  'P3: who follows goes on when the server was killed and started again: nothing is lost or doubled [needs nats-server]',
  async () => {
    await using server = await natsServer();
    const log = logOf({ servers: [server.address] });
    const worker = workerIdOf(1);
    const writer = owner(log, worker);
    await writer.append(1);
    const seen: unknown[] = [];
    const leaving = new AbortController();
    const reading = (async () => {
      for await (const page of log.follow(worker, Sequence(0), leaving)) seen.push(...page.observations);
    })();
    await expect.poll(() => seen.length).toBe(1);
    for (let round = 0; round < 3; round += 1) {
      await server.kill();
      await server.start();
      // Another host, which is there sooner.
      const other = owner(logOf({ servers: [server.address] }), worker);
      await other.look();
      for (let count = 0; count < 20; count += 1) expect(await other.append(1)).toBe('appended');
      await expect.poll(() => seen.length).toBe(other.state.last);
    }
    expect(seen).toEqual(encodedNotices(1, 61));
    leaving.abort(new Error('left'));
    await expect(reading).rejects.toThrow('left');
  },
  limitMs,
);

test.runIf(isHere)(
  'P3: who follows waits for a server that does not answer for long [needs nats-server]',
  async () => {
    await using server = await natsServer();
    let skewMs = 0;
    let pauses = 0;
    const clock: Clock = {
      now: () => systemClock.now() + skewMs,
      after(delayMs, run) {
        // After the first question the patience of a read is over; the follower asks again later.
        if (delayMs === 100) skewMs += 10_000;
        if (delayMs === 500 && (pauses += 1) === 2) server.resume();
        return systemClock.after(delayMs, run);
      },
    };
    const log = logOf({ servers: [server.address], clock });
    const writer = owner(log, workerIdOf(1));
    await writer.append(2);
    const pages = log.follow(workerIdOf(1), Sequence(1), call)[Symbol.asyncIterator]();
    server.pause();
    expect(await pages.next()).toMatchObject({ value: { observations: encodedNotices(2, 2) } });
    expect(pauses).toBe(2);
    await pages.return?.();
  },
  limitMs,
);

test.runIf(isHere)(
  'W18: who follows can leave while the server is gone, and a log can be closed [needs nats-server]',
  async () => {
    await using server = await natsServer();
    const log = logOf({ servers: [server.address] });
    const writer = owner(log, workerIdOf(1));
    await writer.append(1);
    const [first, second] = [1, 2].map(() => log.follow(workerIdOf(1), Sequence(0), call)[Symbol.asyncIterator]());
    await first?.next();
    await second?.next();
    const [firstEnd, secondEnd] = [first?.next(), second?.next()];
    await server.kill();
    await first?.return?.();
    expect(await firstEnd).toMatchObject({ done: true });
    await log[Symbol.asyncDispose]();
    expect(await secondEnd).toMatchObject({ done: true });
    expect(await writer.append(1)).toBe('failed');
  },
  limitMs,
);
