import { describe, expect, test } from 'vitest';

import { browserGatewayContract } from '../../src/contracts/browser-gateway-contract.js';
import { checkContract } from '../../src/contracts/check-contract.js';
import { gatewayHarness } from '../support/contracts/gateway-harness.js';
import { gatewayFaults } from './gateway-faults.js';

describe('the contract of browser gateways finds a gateway that', () => {
  test.each(gatewayFaults)('$fault, by exactly the cases that name it', async ({ create, found }) => {
    const harness = { ...gatewayHarness(create), timing: 0.2 };
    const report = await checkContract(browserGatewayContract(harness), { capabilities: ['canaries'] });
    const failed = report.results.filter(({ status }) => status === 'failed');
    const reasons = failed.map(({ id, reason }) => [id, reason]);
    expect(
      failed.map(({ id }) => id),
      JSON.stringify(reasons, undefined, 1),
    ).toEqual(found);
  });
});
