import { afterAll, beforeAll, describe, vi } from 'vitest';

import { jetStreamHost } from '../../support/jetstream-ownership.js';
import type { JetStreamHost } from '../../support/jetstream-ownership.js';
import { natsPrograms, natsServer } from '../../support/nats-server.js';
import type { NatsProgram, NatsServer } from '../../support/nats-server.js';
import { ownershipCases } from '../../adapters/worker-ownership/cases.js';

const limitMs = 120_000;

for (const program of Object.keys(natsPrograms) as NatsProgram[]) {
  describe(program, () => {
    const { isHere } = natsPrograms[program];
    let server: NatsServer | undefined;
    beforeAll(async () => {
      if (isHere) server = await natsServer({ program });
    });
    afterAll(() => server?.[Symbol.asyncDispose]());
    let clusters = 0;
    const harness = async () => {
      const name = `cluster-${(clusters += 1)}`;
      const another = async (): Promise<JetStreamHost> => {
        const host = await jetStreamHost(server?.address ?? '', { name });
        await host.enter();
        return host;
      };
      return {
        another,
        hosts: (count: number) => Promise.all(Array.from({ length: count }, another)),
        until: (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 10 }),
      };
    };
    ownershipCases(` [needs ${program}]`, isHere, harness, limitMs);
  });
}
