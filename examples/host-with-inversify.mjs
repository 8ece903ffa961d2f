// #region inversify
import { backendModule, hostContainer, inMemoryLogModule, pinoLoggerModule, profileModule } from 'workport/composition';
import { runtimeModule, startHost, systemClockModule, tokens } from 'workport/composition';

import { greeter } from './greeter.mjs';

const container = hostContainer([
  systemClockModule(),
  pinoLoggerModule({ format: 'human' }),
  inMemoryLogModule(),
  backendModule('greeter', greeter()),
  profileModule('greeter', { label: 'Greeter' }),
  runtimeModule({ runtimeId: 'local' }),
]);

// Your own parts are wired by the same tokens: toResolvedValue((gateway) => …, [tokens.gateway]).
const host = await startHost(container, { listen: { port: 0 } });
const gateway = container.get(tokens.gateway);
console.log(host.url, await gateway.read({ type: 'profiles', runtimeId: host.runtime.runtimeId }));
await host[Symbol.asyncDispose]();
// #endregion inversify
