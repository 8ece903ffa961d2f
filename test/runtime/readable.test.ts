import { expect, test, vi } from 'vitest';

import type { PublicStatus } from '../../src/domain/observation/view.js';
import { createRuntime, defineBackend } from '../../src/index.js';
import type { Runtime } from '../../src/index.js';
import type { WorkerRef } from '../../src/ports/browser-gateway.js';
import type { ObservationPublisher } from '../../src/ports/observation-publisher.js';
import { createWorker, framesOf, textPart } from '../support/runtime.js';

/** A backend whose second spawn and whose stops wait until the test is over, and whose runs never end. */
function heldBackend() {
  let release = (): void => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  const publishers: ObservationPublisher[] = [];
  const backend = defineBackend({
    id: 'held',
    async spawn(_request, publisher) {
      publishers.push(publisher);
      if (publishers.length > 1) await over;
      return { outcome: 'connected' };
    },
    dispatch: () => Promise.resolve({ outcome: 'accepted' }),
    async stop() {
      await over;
      return { outcome: 'accepted', end: 'stopped' };
    },
  });
  return { backend, publishers, release: () => release() };
}

type Held = ReturnType<typeof heldBackend>;
type Arrange = (runtime: Runtime, worker: WorkerRef, held: Held) => unknown;

const lose: Arrange = (_runtime, _worker, { publishers }) => publishers[0]?.disconnect({ kind: 'code', value: 1 });

/** How a Worker comes into each status and stays there. */
const arrangements: Readonly<Record<PublicStatus, Arrange>> = {
  idle: () => undefined,
  busy: (runtime, worker) => runtime.execute({ type: 'input', worker, parts: textPart('a') }),
  unconnected: lose,
  async connecting(runtime, worker, held) {
    await lose(runtime, worker, held);
    void runtime.execute({ type: 'reconnect', worker });
  },
  stopping: (runtime, worker) => void runtime.execute({ type: 'stop', worker }),
  stopped(runtime, worker, { release }) {
    release();
    return runtime.execute({ type: 'stop', worker });
  },
};

test.for(Object.entries(arrangements))(
  'W3: transcript, observations and stream of a Worker that is %s are answered',
  async ([status, arrange]) => {
    const held = heldBackend();
    await using runtime = createRuntime({ profiles: { test: { label: 'Test', backend: held.backend } } });
    try {
      const worker = await createWorker(runtime);
      await arrange(runtime, worker, held);
      await vi.waitFor(async () =>
        expect(await runtime.read({ type: 'worker', worker })).toMatchObject({ worker: { status } }),
      );
      expect(await runtime.read({ type: 'transcript', worker })).toMatchObject({ outcome: 'answered' });
      const page = await runtime.read({ type: 'observations', worker });
      expect(page.outcome === 'answered' && page.observations[0]?.event.type).toBe('worker-created');
      const frames = framesOf(runtime, worker);
      expect(await frames.next()).toMatchObject({ value: { type: 'snapshot', worker: { status } } });
      await frames.return?.();
    } finally {
      held.release();
    }
  },
);
