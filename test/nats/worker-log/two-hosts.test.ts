import { beforeAll, describe, expect, test } from 'vitest';

import { Sequence } from '../../../src/domain/ids.js';
import { workerIdOf } from '../../support/heads.js';
import { batchAfter, everything, logOf, owner } from '../../support/jetstream-log.js';
import { call } from '../../support/log-session.js';
import { natsPrograms, natsServer } from '../../support/nats-server.js';
import type { NatsProgram, NatsServer } from '../../support/nats-server.js';
import { encodedNotices } from '../../support/observations.js';

describe.each(Object.keys(natsPrograms) as NatsProgram[])('two hosts on one %s', (program) => {
  const { isHere } = natsPrograms[program];
  let server: NatsServer;
  if (isHere) beforeAll(async () => void (server = await natsServer({ program })));
  const host = (name: string) => logOf({ servers: [server.address], name });
  const twoHosts = (name: string) => [host(name), host(name)] as const;

  test.runIf(isHere)(`W19: of appends behind the same record exactly one is told so [needs ${program}]`, async () => {
    const hosts = [1, 2, 3].map(() => logOf({ servers: [server.address], name: 'racing' }));
    const worker = workerIdOf(1);
    let last = 0;
    for (let revision = 0; revision < 200; revision += 1) {
      const count = revision % 3;
      const batch = batchAfter(worker, last, revision, count);
      const results = await Promise.all(hosts.map((log) => log.append(worker, Sequence(last), batch)));
      expect(results.toSorted(), `round ${revision}`).toEqual(['appended', 'conflict', 'conflict']);
      last += count;
    }
    for (const log of hosts) expect(await everything(log, worker)).toEqual(encodedNotices(1, last));
  });

  test.runIf(isHere)(`W19: who comes after another host goes on where that ended [needs ${program}]`, async () => {
    const [one, other] = twoHosts('handing-over');
    const worker = workerIdOf(1);
    const [first, second] = [owner(one, worker), owner(other, worker)];
    expect(await first.append(2)).toBe('appended');
    await second.look();
    expect(await second.append(3)).toBe('appended');
    expect(await first.append(1)).toBe('conflict');
    await first.look();
    expect(await first.append(1)).toBe('appended');
    expect(await everything(other, worker)).toEqual(encodedNotices(1, 6));
  });

  test.runIf(isHere)(
    `P3: who follows at one host gets what another appends, until it removes it [needs ${program}]`,
    async () => {
      const [one, other] = twoHosts('following');
      const worker = workerIdOf(1);
      const writer = owner(one, worker);
      await writer.append(1);
      const pages = other.follow(worker, Sequence(0), call)[Symbol.asyncIterator]();
      const seen: unknown[] = [];
      const reading = (async () => {
        for (let page = await pages.next(); !page.done; page = await pages.next())
          seen.push(...page.value.observations);
      })();
      for (let count = 0; count < 300; count += 1) await writer.append(count % 2);
      await expect.poll(() => seen.length).toBe(writer.state.last);
      expect(seen).toEqual(encodedNotices(1, writer.state.last));
      await one.remove(worker);
      await reading;
    },
  );
});
