// #region process
import { serveBackend } from 'workport/backends/serve';

import { greeter } from './greeter.mjs';

await serveBackend(greeter());
// #endregion process
