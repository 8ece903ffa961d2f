import { defineBackend } from '../../../dist/adapters/execution-backend/define-backend.js';
import { serveBackend } from '../../../dist/adapters/execution-backend/process/index.js';

setInterval(() => undefined, 1000);
await serveBackend(
  defineBackend({
    id: 'never-disposes',
    spawn: () => ({ outcome: 'busy' }),
    dispatch: async () => ({ outcome: 'busy' }),
    dispose: () => new Promise(() => undefined),
  }),
);
