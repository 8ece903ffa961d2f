import { generatorBackend } from '../../../dist/adapters/execution-backend/generator-backend.js';
import { serveBackend } from '../../../dist/adapters/execution-backend/process/index.js';

setInterval(() => undefined, 1000);
await serveBackend(generatorBackend({ id: 'leaves-a-timer', async *run() {} }));
