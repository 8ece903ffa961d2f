import { serveBackend } from 'workport/backends/serve';

import { shellBackend } from './shell-backend.mjs';

await serveBackend(shellBackend());
