// Serves the backend of a module to the host that started this program.
import { pathToFileURL } from 'node:url';

import { serveBackend } from '../../../dist/adapters/execution-backend/process/index.js';

const { backend } = await import(pathToFileURL(process.argv[2]).href);
await serveBackend(backend);
