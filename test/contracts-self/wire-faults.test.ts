import { describe, expect, test } from 'vitest';

import { checkContract } from '../../src/contracts/check-contract.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import type { ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { scriptedBackend, scriptedHarness } from '../support/contracts/generator-harness.js';
import { servedWire } from '../support/contracts/served-wire.js';
import { wireFaults } from './wire-faults.js';

describe('the cases of the wire find a backend that', () => {
  test.concurrent.each(wireFaults)(
    '$fault, by exactly the cases that name it',
    async ({ found, reconnects, front }) => {
      const harness: ExecutionBackendHarness = {
        ...scriptedHarness,
        timing: 0.2,
        wire: () => Promise.resolve(servedWire(scriptedBackend(), { front })),
        capabilities: { ...scriptedHarness.capabilities, recover: reconnects === true },
        manyWorkers: true,
        reconnects,
      };
      const cases = executionBackendContract(harness).filter(({ id }) => id.startsWith('EB-WIRE-'));
      const report = await checkContract(cases, { capabilities: capabilitiesOf(harness) });
      const failed = report.results.filter(({ status }) => status === 'failed');
      const reasons = failed.map(({ id, reason }) => `${id} ${String(reason)}`).join('\n');
      expect(
        failed.map(({ id }) => id.slice('EB-WIRE-'.length)),
        reasons,
      ).toEqual(found);
    },
  );
});
