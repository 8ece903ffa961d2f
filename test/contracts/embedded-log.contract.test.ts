import { embeddedLog } from '../../src/adapters/worker-log/embedded/index.js';
import { register } from '../../src/contracts/register.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const harness = { create: async () => embeddedLog({ folder: await temporaryFolder() }) };
register(workerLogContract(harness), vitestRunner, []);
