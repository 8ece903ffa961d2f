import { javascriptBackend } from '../../src/adapters/execution-backend/javascript/index.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { wordInputs } from '../../src/contracts/execution-backend/word-inputs.js';
import { register } from '../../src/contracts/register.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';

const harness: ExecutionBackendHarness = {
  create: () => Promise.resolve(javascriptBackend({ graceMs: 500 })),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: wordInputs({
    completes: '6 * 7',
    // What is printed in one turn is one event: nobody can say how many there will be.
    streams: null,
    runsUntilCancelled: 'console.log("begun"); await new Promise(() => {})',
    fails: 'throw new Error("canary-8c1f0b")',
    asks: null,
    withdraws: null,
  }),
  canaries: ['canary-8c1f0b'],
  timing: 4,
};

register(executionBackendContract(harness), concurrentRunner, capabilitiesOf(harness));
