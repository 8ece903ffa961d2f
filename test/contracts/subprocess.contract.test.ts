import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import { harnessOfProgram } from '../support/contracts/program-harness.js';
import { programPath } from '../support/programs.js';
import { withinBudget } from '../support/contracts/within-budget.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';

withinBudget(150_000);

const program = { command: process.execPath, args: [programPath('scripted-backend.mjs')] };
const harness = harnessOfProgram(program, { ...scriptedHarness, manyWorkers: true });

register(executionBackendContract(harness), concurrentRunner, capabilitiesOf(harness));
