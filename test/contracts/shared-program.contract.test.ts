import { fileURLToPath } from 'node:url';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import { harnessOfProgram } from '../support/contracts/program-harness.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';

/** One program for all Workers, which speaks on descriptors of its own. */
const program = {
  command: process.execPath,
  args: [fileURLToPath(new URL('../support/check/speaks-on-fd3.mjs', import.meta.url))],
  channel: 'fd3',
  isolation: 'backend',
} as const;
const harness = harnessOfProgram(program, scriptedHarness);

register(executionBackendContract(harness), concurrentRunner, capabilitiesOf(harness));
