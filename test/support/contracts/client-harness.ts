import type { BrowserClientOptions } from '../../../src/adapters/browser-gateway/client/index.js';
import { browserClient } from '../../../src/adapters/browser-gateway/client/index.js';
import { httpHandler, listen } from '../../../src/adapters/browser-gateway/http/index.js';
import type { BrowserGatewayHarness } from '../../../src/contracts/browser-gateway/harness.js';
import { createRuntime } from '../../../src/index.js';
import { everything } from '../http.js';

import { gameBackend, gatewayCanary } from './gateway-harness.js';

/** A Runtime behind a host on a port of this machine, as a page sees it. */
export const clientHarness = (options: BrowserClientOptions = {}): BrowserGatewayHarness => ({
  profile: 'game',
  canaries: [gatewayCanary],
  async create() {
    const runtime = createRuntime({ profiles: { game: { label: 'Game', backend: gameBackend() } } });
    const handler = httpHandler({
      gateway: runtime,
      authenticator: { authenticate: async (token) => (token === 'good' ? { principal: everything } : undefined) },
      gatewayFor: () => runtime,
    });
    const listener = await listen({ handler });
    const client = browserClient({ url: listener.url, token: 'good', ...options });
    return {
      gateway: client,
      runtimeId: runtime.runtimeId,
      async [Symbol.asyncDispose]() {
        await client.close();
        await listener.close({ graceMs: 0 });
        await runtime[Symbol.asyncDispose]();
      },
    };
  },
});
