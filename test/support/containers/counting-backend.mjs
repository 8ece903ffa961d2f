import { setTimeout } from 'node:timers/promises';

import { generatorBackend, text } from 'workport';

const tickMs = 20;

/** Counts aloud until its question is answered, then says how far it came. */
export const backend = generatorBackend({
  id: 'counting',
  recover: true,
  async *run(_input, { ask, signal }) {
    let isEnough = false;
    const asked = ask({ prompt: 'Enough?' });
    asked.then(
      () => (isEnough = true),
      () => undefined,
    );
    let count = 0;
    for (; !isEnough; count += 1) {
      yield text(`${count};`);
      await setTimeout(tickMs, undefined, { signal });
    }
    yield text(`${count} in all`);
  },
});
