import type { ExecutionBackendHarness } from '../../../src/contracts/execution-backend/harness.js';
import { wordInputs } from '../../../src/contracts/execution-backend/word-inputs.js';
import { failed, generatorBackend, text } from '../../../src/index.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';
import { virtualClock } from '../virtual-clock.js';
import { canary, scriptedBackend as scripted, type ScriptedOptions } from './scripted-backend.mjs';

export { canary } from './scripted-backend.mjs';

export const scriptedBackend = (options: ScriptedOptions = {}): ExecutionBackend =>
  scripted({ generatorBackend, text, failed }, options);

/** What every harness whose backend does what the first word says has in common. */
export const scriptedHarness: ExecutionBackendHarness = {
  create: () => Promise.resolve(scriptedBackend()),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: wordInputs(),
  refusedProfile: { name: 'refused', options: { secret: canary } },
  canaries: [canary],
};

/** Makes backends whose time stands still until it is moved, and whose sessions are counted. */
export function timedHarness(
  create: (options: Required<Pick<ScriptedOptions, 'clock' | 'open'>>) => ExecutionBackend,
): Pick<ExecutionBackendHarness, 'create' | 'elapse' | 'leftovers'> {
  const made = new WeakMap<ExecutionBackend, { advance(ms: number): Promise<void>; open: Set<unknown> }>();
  return {
    create: () => {
      const clock = virtualClock();
      const open = new Set<unknown>();
      const backend = create({ clock, open });
      made.set(backend, { open, advance: (ms) => clock.advance(ms) });
      return Promise.resolve(backend);
    },
    elapse: async (backend, ms) => made.get(backend)?.advance(ms),
    leftovers: (backend) => Promise.resolve(Array.from(made.get(backend)?.open ?? [], (one) => JSON.stringify(one))),
  };
}

/** The same, where executions can be taken over. */
export const recoverableHarness: ExecutionBackendHarness = {
  ...scriptedHarness,
  ...timedHarness((options) => scriptedBackend({ ...options, recover: true })),
  capabilities: { ...scriptedHarness.capabilities, recover: true },
};
