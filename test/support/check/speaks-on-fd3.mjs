import * as workport from 'workport';
import { fd3Transport, serveBackend } from 'workport/backends/serve';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

console.log('standard output is free');
await serveBackend(scriptedBackend(workport), fd3Transport());
