import type { ExecutionBackendHarness } from '../../../src/contracts/execution-backend/harness.js';
import { wordInputs } from '../../../src/contracts/execution-backend/word-inputs.js';
import { failed, generatorBackend, text } from '../../../src/index.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';
import { canary, scriptedBackend as scripted } from './scripted-backend.mjs';

export { canary } from './scripted-backend.mjs';

export const scriptedBackend = (options: { readonly recover?: boolean } = {}): ExecutionBackend =>
  scripted({ generatorBackend, text, failed }, options);

export const scriptedHarness: ExecutionBackendHarness = {
  create: () => Promise.resolve(scriptedBackend()),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: wordInputs(),
  refusedProfile: { name: 'refused', options: { secret: canary } },
  canaries: [canary],
};

/** The same, where executions can be taken over. */
export const recoverableHarness: ExecutionBackendHarness = {
  ...scriptedHarness,
  create: () => Promise.resolve(scriptedBackend({ recover: true })),
  capabilities: { ...scriptedHarness.capabilities, recover: true },
};
