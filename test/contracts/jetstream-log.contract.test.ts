import { beforeAll, describe, test } from 'vitest';

import { jetStreamLog } from '../../src/adapters/worker-log/jetstream/index.js';
import { register } from '../../src/contracts/register.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';
import { natsPrograms, natsServer } from '../support/nats-server.js';
import type { NatsProgram, NatsServer } from '../support/nats-server.js';

describe.each(Object.keys(natsPrograms) as NatsProgram[])('%s', (program) => {
  const { isHere } = natsPrograms[program];
  const skipped = { test: (name: string) => test.skip(`${name} [needs ${program}]`), skip: vitestRunner.skip };
  let server: NatsServer;
  if (isHere) beforeAll(async () => void (server = await natsServer({ program })));
  let logs = 0;
  const harness = {
    create: async () => jetStreamLog({ servers: [server.address], name: `log-${(logs += 1)}` }),
    timing: 3,
  };
  register(workerLogContract(harness), isHere ? vitestRunner : skipped, []);
});
