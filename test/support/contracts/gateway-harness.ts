import type { BrowserGatewayHarness } from '../../../src/contracts/browser-gateway/harness.js';
import { createRuntime, generatorBackend, text } from '../../../src/index.js';
import type { BrowserGateway, Part, Runtime } from '../../../src/index.js';

const said = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : part.mediaType)).join('');

export const gatewayCanary = 'canary 51/c0de';

/** A backend that plays the game of the gateway's contract. */
export const gameBackend = () =>
  generatorBackend({
    id: 'game',
    run: async function* ({ parts }, { signal, ask }) {
      const heard = said(parts);
      if (heard.startsWith('hold')) {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        return;
      }
      if (heard.startsWith('fail')) throw new Error(gatewayCanary);
      if (!heard.startsWith('ask')) return yield text(heard);
      const answer = await ask({ prompt: 'Go on?' });
      yield text('text' in answer ? answer.text : answer.optionId);
    },
  });

/** A local Runtime, behind whatever `front` puts before it. */
export const gatewayHarness = (front: (runtime: Runtime) => BrowserGateway): BrowserGatewayHarness => ({
  profile: 'game',
  canaries: [gatewayCanary],
  create: () => {
    const runtime = createRuntime({ profiles: { game: { label: 'Game', backend: gameBackend() } } });
    const { runtimeId } = runtime;
    return Promise.resolve({
      gateway: front(runtime),
      runtimeId,
      [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
    });
  },
});
