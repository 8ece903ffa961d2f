import { describe, expect, test } from 'vitest';

import { checkContract } from '../../src/contracts/check-contract.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import { plantedFaults } from './planted-faults.js';

describe('the contract of execution backends finds a backend that', () => {
  test.each(plantedFaults)(
    '$fault, by exactly the cases that name it',
    async ({ create, found, harness: otherwise }) => {
      const harness = { ...scriptedHarness, ...otherwise, timing: 0.2, create: () => Promise.resolve(create()) };
      const report = await checkContract(executionBackendContract(harness), { capabilities: capabilitiesOf(harness) });
      const failed = report.results.filter(({ status }) => status === 'failed');
      expect(
        failed.map(({ id }) => id),
        JSON.stringify(
          failed.map(({ id, reason }) => [id, reason]),
          undefined,
          1,
        ),
      ).toEqual(found);
    },
  );
});
