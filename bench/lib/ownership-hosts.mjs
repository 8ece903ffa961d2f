import { setTimeout as wait } from 'node:timers/promises';

import { jetStreamOwnership } from 'workport/ownerships/jetstream';

/** A host that takes whatever it is offered, and does nothing else. `taken`: how many Workers it was offered and got. */
export async function owningHost(server, { name = 'bench', leaseMs }) {
  const ownership = jetStreamOwnership({ servers: [server], name, leaseMs });
  const state = { taken: 0, lost: 0 };
  const id = await ownership.enter({
    async orphaned(workerId) {
      const owner = await ownership.take(workerId).catch(() => undefined);
      if (owner?.hostId === id) state.taken += 1;
    },
    async lost() {
      state.lost += 1;
    },
    entered: () => undefined,
  });
  return { id, ownership, state, leave: () => ownership[Symbol.asyncDispose]() };
}

/** Does `work` for each, so many at once. */
export async function atOnce(count, list, work) {
  let next = 0;
  const lane = async () => {
    while (next < list.length) await work(list[next++]);
  };
  await Promise.all(Array.from({ length: count }, lane));
}

/** Looks again until it is so. */
export async function until(isSo, ms = 10) {
  while (!(await isSo())) await wait(ms);
}
