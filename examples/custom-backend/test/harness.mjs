// #region harness
import { shellBackend } from '../src/shell-backend.mjs';

/** @type {(text: string) => import('workport').Part[]} */
const command = (text) => [{ type: 'text', text }];

/** @type {import('workport/contracts').ExecutionBackendHarness} */
export const harness = {
  create: async () => shellBackend(),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: {
    completes: () => command('echo done'),
    streams: (count, bytes = 1) => command(`yes ${'y'.repeat(bytes)} | head -n ${count}`),
    runsUntilCancelled: () => command('echo begun; sleep 3600'),
    fails: () => command('exit 3'),
  },
  refusedProfile: { name: 'shell', options: { folder: '/there-is-no-such-folder' } },
  canaries: ['there-is-no-such-folder'],
};
// #endregion harness
