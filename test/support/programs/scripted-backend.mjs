import * as workport from 'workport';
import { serveBackend } from 'workport/backends/serve';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

await serveBackend(scriptedBackend(workport));
