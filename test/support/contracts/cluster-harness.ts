import type { BrowserGatewayHarness } from '../../../src/contracts/browser-gateway/harness.js';
import { createRuntime, inMemoryLog } from '../../../src/index.js';
import type { BrowserGateway } from '../../../src/index.js';
import { inMemoryCluster } from '../in-memory-cluster.js';
import { sharedLog } from '../shared-log.js';

import { gameBackend, gatewayCanary } from './gateway-harness.js';

/** Three hosts that share a log: whatever is asked is asked of another one than what was asked before. */
export const clusterHarness = (): BrowserGatewayHarness => ({
  profile: 'game',
  canaries: [gatewayCanary],
  async create() {
    const [log, cluster] = [inMemoryLog(), inMemoryCluster()];
    const hosts = [1, 2, 3].map(() =>
      createRuntime({
        log: sharedLog(log),
        cluster: cluster.host(),
        profiles: { game: { label: 'Game', backend: gameBackend() } },
      }),
    );
    await Promise.all(hosts.map((host) => host.ready()));
    let turn = 0;
    const next = (): BrowserGateway => hosts[(turn += 1) % hosts.length] as BrowserGateway;
    return {
      runtimeId: hosts[0]?.runtimeId as never,
      gateway: {
        execute: (command, call) => next().execute(command, call),
        read: (query, call) => next().read(query, call),
        observe: (worker, from, call) => next().observe(worker, from, call),
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
        await log[Symbol.asyncDispose]();
      },
    };
  },
});
