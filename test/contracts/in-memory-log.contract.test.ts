import { test } from 'vitest';

import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { register } from '../../src/contracts/register.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';

const harness = { create: () => Promise.resolve(inMemoryLog()) };
const runner = { test, skip: (name: string, reason: string) => test.skip(`${name} (${reason})`) };
register(workerLogContract(harness), runner, []);
