import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { defineBackend } from 'workport';
import { accessEntry } from 'workport/authenticators/token';
import * as workport from 'workport/composition';

/** A host as `workport serve --memory` makes it, with so many Workers, whose inputs end at once, and where to post them. */
export const httpHost = (workers) => benchHost(workers, [workport.inMemoryLogModule()]);

/** The same with a log, and whatever else `modules` bind. */
export async function benchHost(workers, modules, token = randomBytes(32).toString('base64url')) {
  const publishers = new Map();
  let runs = 0;
  const backend = defineBackend({
    id: 'bench',
    spawn: async ({ workerId }, publisher) => {
      publishers.set(workerId, publisher);
      return { outcome: 'connected' };
    },
    // Ended before it is answered: whoever is told that an input is accepted can send the next one.
    dispatch: async ({ workerId }, { inputId }) => {
      runs += 1;
      await publishers.get(workerId).publish({ inputId, type: 'run-ended', end: 'completed' });
      return { outcome: 'accepted' };
    },
    stop: async () => ({ outcome: 'accepted', end: 'stopped' }),
  });
  const container = workport.hostContainer([
    workport.systemClockModule(),
    workport.pinoLoggerModule(),
    ...modules,
    workport.accessModule({ tokens: [accessEntry(token)] }),
    workport.runtimeModule(),
    workport.backendModule('bench', backend),
    workport.profileModule('bench', { label: 'Bench' }),
  ]);
  const http = { inputsPerMinute: Number.MAX_SAFE_INTEGER };
  const host = await workport.startHost(container, { listen: { port: 0 }, http });
  const { runtime } = host;
  await runtime.ready();
  const { runtimeId } = runtime;
  const paths = await Promise.all(
    Array.from({ length: workers }, async () => {
      const created = await runtime.execute({ type: 'create', runtimeId, profile: 'bench' });
      assert.equal(created.outcome, 'accepted', JSON.stringify(created));
      return `/api/v1/runtimes/${runtimeId}/workers/${created.worker.workerId}/inputs`;
    }),
  );
  return {
    target: { port: Number(new URL(host.url).port), paths, headers: { authorization: `Bearer ${token}` } },
    runs: () => runs,
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
