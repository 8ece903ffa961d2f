// A backend whose Workers end with its process, whoever serves it. `say N`, `burst N`, `ask` and `hang` do that; `refuse`
// is refused, and so is a Worker whose display name begins with `refused`.
import { output, text } from '../../../dist/adapters/execution-backend/generator/events.js';
import { refused } from '../../../dist/adapters/execution-backend/generator/run-end.js';
import { generatorBackend } from '../../../dist/adapters/execution-backend/generator-backend.js';

import { account, pause, wordsOf } from './keep-account.mjs';

const options = [
  { optionId: 'yes', label: 'Yes' },
  { optionId: 'no', label: 'No' },
];

async function* run(input, { signal, ask, session: { workerId } }) {
  account({ what: 'take', workerId, inputId: input.inputId });
  const [verb, count = '0'] = wordsOf(input);
  for (let step = 0; step < Number(count); step += 1) {
    if (verb === 'say') await pause(step % 7);
    yield text(`${step};`);
    if (verb === 'burst') yield output(`line ${step}\n`);
  }
  if (verb === 'ask') yield text(JSON.stringify(await ask({ prompt: 'Go on?', options })));
  if (verb === 'hang') await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

const made = generatorBackend({
  id: 'loses-everything',
  async start({ workerId, generation, displayName = '' }) {
    account({ what: 'begin', workerId, generation });
    await pause(generation % 3);
    if (displayName.startsWith('refused-spawn')) {
      await pause(10);
      account({ what: 'end', workerId, generation });
      throw refused();
    }
    return { workerId, generation };
  },
  run,
  close: (session) => account({ what: 'end', ...session }),
});

export const backend = {
  ...made,
  dispatch: async (handle, input, call) =>
    wordsOf(input)[0] === 'refuse' ? { outcome: 'rejected' } : made.dispatch(handle, input, call),
};
