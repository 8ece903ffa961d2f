import { test } from 'vitest';

import { subprocessBackend } from '../../src/adapters/execution-backend/subprocess/index.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import { programPath } from '../support/programs.js';

const harness: ExecutionBackendHarness = {
  ...scriptedHarness,
  create: () =>
    Promise.resolve(
      subprocessBackend({ command: process.execPath, args: [programPath('scripted-backend.mjs')], graceMs: 500 }),
    ),
  timing: 4,
};

const runner = { test, skip: (name: string, reason: string) => test.skip(`${name} (${reason})`) };
register(executionBackendContract(harness), runner, capabilitiesOf(harness));
