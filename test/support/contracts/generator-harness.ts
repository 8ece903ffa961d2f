import { generatorBackend } from '../../../src/adapters/execution-backend/generator-backend.js';
import { text } from '../../../src/adapters/execution-backend/generator/events.js';
import { failed } from '../../../src/adapters/execution-backend/generator/run-end.js';
import type { Part } from '../../../src/domain/observation/event.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';
import type { ExecutionBackendHarness } from '../../../src/contracts/execution-backend/harness.js';

const say = (text: string): readonly Part[] => [{ type: 'text', text }];
export const canary = 'canary-8c1f0b';

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

/** A backend that does what the first word of its input says. */
export const scriptedBackend = (options: { readonly recover?: boolean } = {}): ExecutionBackend =>
  generatorBackend({
    ...options,
    id: 'scripted',
    codes: ['out-of-luck'],
    start: ({ profile }) => {
      if (profile.name === 'refused') throw new Error(canary);
    },
    async *run({ parts: [part] }, { signal, ask }) {
      const [verb, count = '0'] = part?.type === 'text' ? part.text.split(' ') : [];
      yield* verb === 'ask' ? [] : [text('begun')];
      if (verb === 'stream') for (let index = 0; index < Number(count); index += 1) yield text(`${index}`);
      if (verb === 'wait') await aborted(signal);
      if (verb === 'ask') yield text(JSON.stringify(await ask({ prompt: 'Go on?' })));
      if (verb === 'fail') throw new Error(canary);
      if (verb === 'fail-with-code') return failed('out-of-luck');
    },
  });

export const scriptedHarness: ExecutionBackendHarness = {
  create: () => Promise.resolve(scriptedBackend()),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: {
    completes: () => say('complete'),
    streams: (count) => say(`stream ${count}`),
    runsUntilCancelled: () => say('wait'),
    asks: () => say('ask'),
    fails: () => say('fail'),
  },
  refusedProfile: { name: 'refused', options: { secret: canary } },
  canaries: [canary],
};

/** The same, where executions can be taken over. */
export const recoverableHarness: ExecutionBackendHarness = {
  ...scriptedHarness,
  create: () => Promise.resolve(scriptedBackend({ recover: true })),
  capabilities: { ...scriptedHarness.capabilities, recover: true },
};
