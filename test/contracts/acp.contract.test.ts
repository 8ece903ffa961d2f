import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import { agentHarness } from '../support/contracts/agent-harness.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';
import { withinBudget } from '../support/contracts/within-budget.js';

withinBudget(150_000);

const harness = agentHarness(['--load'], true);

register(executionBackendContract(harness), concurrentRunner, capabilitiesOf(harness));
