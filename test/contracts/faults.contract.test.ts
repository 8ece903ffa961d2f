import { describe } from 'vitest';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf, type ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { faultBackend } from '../../src/contracts/faults/fault-backend.js';
import type { FaultRates } from '../../src/contracts/faults/fault-options.js';
import { register } from '../../src/contracts/register.js';
import { recoverableHarness, scriptedBackend } from '../support/contracts/generator-harness.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';

const harness = (faults: FaultRates): ExecutionBackendHarness => ({
  ...recoverableHarness,
  create: () => Promise.resolve(faultBackend(scriptedBackend({ recover: true }), { seed: 1, faults })),
  timing: 2,
});

describe.each<readonly [string, FaultRates]>([
  ['without faults', {}],
  ['that is late, which breaks no rule', { delay: { probability: 0.3, maxMs: 5 } }],
])('a fault backend %s', (_, faults) => {
  register(executionBackendContract(harness(faults)), vitestRunner, capabilitiesOf(harness(faults)));
});
