// #region console
import { createRuntime } from 'workport';
import { consoleAssets } from 'workport/console';
import { httpHandler, listen } from 'workport/http';

import { greeter } from './greeter.mjs';

const runtime = createRuntime({ profiles: { greeter: { label: 'Greeter', backend: greeter() } } });
// On loopback, where nobody has to say who they are; elsewhere it needs an authenticator.
const handler = httpHandler({ gateway: runtime, assets: consoleAssets() });
const listener = await listen({ handler });
console.log(`open ${listener.url}`);
process.once('SIGINT', async () => {
  await listener.close();
  await runtime[Symbol.asyncDispose]();
});
// #endregion console
