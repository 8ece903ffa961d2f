// #region server
import { serveBackend } from 'workport/backends/serve';

import { greeter } from './greeter.mjs';

const listener = await serveBackend(greeter(), {
  listen: process.argv[2] ?? 'tcp:127.0.0.1:7500',
  keyFile: 'key',
});
console.log(`greeter listens on ${listener.address}`);
process.once('SIGTERM', () => listener[Symbol.asyncDispose]());
// #endregion server
