import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { register } from '../../src/contracts/register.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';

const harness = { create: () => Promise.resolve(inMemoryLog()) };
register(workerLogContract(harness), vitestRunner, []);
