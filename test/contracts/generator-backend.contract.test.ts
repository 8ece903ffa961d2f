import { describe } from 'vitest';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import { recoverableHarness, scriptedHarness } from '../support/contracts/generator-harness.js';
import { withinBudget } from '../support/contracts/within-budget.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';

withinBudget(10_000);

describe('a generator backend', () => {
  register(executionBackendContract(scriptedHarness), vitestRunner, capabilitiesOf(scriptedHarness));
});

describe('a generator backend that recovers', () => {
  register(executionBackendContract(recoverableHarness), vitestRunner, capabilitiesOf(recoverableHarness));
});
