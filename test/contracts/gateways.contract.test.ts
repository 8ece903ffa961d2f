import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { browserGatewayContract } from '../../src/contracts/browser-gateway-contract.js';
import type { BrowserGatewayHarness } from '../../src/contracts/browser-gateway/harness.js';
import { register } from '../../src/contracts/register.js';
import { mountRuntime, registry, scoped } from '../../src/index.js';
import { clientHarness } from '../support/contracts/client-harness.js';
import { clusterHarness } from '../support/contracts/cluster-harness.js';
import { gatewayHarness } from '../support/contracts/gateway-harness.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';

const owner = { id: 'ann', scopes: ['read', 'input', 'control'], own: true, profiles: ['game'] } as const;

const otherHost = { id: 'other-host', scopes: ['read', 'input', 'control'] } as const;

const harnesses: Readonly<Record<string, BrowserGatewayHarness>> = {
  'a local Runtime': gatewayHarness((runtime) => runtime),
  'a registry': gatewayHarness((runtime) => registry(new Map([[runtime.runtimeId, runtime]]))),
  'a Runtime scoped to an owner': gatewayHarness((runtime) => scoped(runtime, owner)),
  'a mounted Runtime scoped to an owner': gatewayHarness((runtime) =>
    scoped(mountRuntime(scoped(runtime, otherHost), { runtimeId: runtime.runtimeId }), owner),
  ),
  'three hosts that share a log': clusterHarness(),
  'the client over HTTP and SSE': clientHarness(),
  'the client over HTTP and WebSocket': clientHarness({ WebSocket }),
};
for (const [name, harness] of Object.entries(harnesses)) {
  describe(name, () => register(browserGatewayContract(harness), vitestRunner, ['canaries']));
}

test('the ids of the gateway cases are unique', () => {
  const ids = browserGatewayContract(gatewayHarness((runtime) => runtime)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
