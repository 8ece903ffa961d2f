// #region container
import * as workport from 'workport/composition';

import { greeter } from './greeter.mjs';

const container = workport.hostContainer([
  workport.systemClockModule(),
  workport.pinoLoggerModule(),
  workport.inMemoryLogModule(),
  workport.runtimeModule(),
  workport.backendModule('greeter', greeter()),
  workport.profileModule('greeter', { label: 'Greeter' }),
]);
const host = await workport.startHost(container, { listen: { port: 0 } });
console.log(`serving on ${host.url}`);
process.once('SIGINT', () => host[Symbol.asyncDispose]());
// #endregion container
