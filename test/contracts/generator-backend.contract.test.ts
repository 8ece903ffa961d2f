import { describe, test } from 'vitest';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import { recoverableHarness, scriptedHarness } from '../support/contracts/generator-harness.js';

const runner = { test, skip: (name: string, reason: string) => test.skip(`${name} (${reason})`) };

describe('a generator backend', () => {
  register(executionBackendContract(scriptedHarness), runner, capabilitiesOf(scriptedHarness));
});

describe('a generator backend that recovers', () => {
  register(executionBackendContract(recoverableHarness), runner, capabilitiesOf(recoverableHarness));
});
