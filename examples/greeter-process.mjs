// #region process
import { serveBackend } from 'workport/backends/serve';

import { greeter } from './greeter.mjs';

serveBackend(greeter());
// #endregion process
