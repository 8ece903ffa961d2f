import assert from 'node:assert/strict';

import { createRuntime, defineBackend } from 'workport';

/** A Runtime whose backend is in this process: who makes a Worker publishes for it, with nothing between. */
export async function inProcessRuntime({ log, limits }) {
  const publishers = new Map();
  const backend = defineBackend({
    id: 'bench',
    spawn({ workerId }, publisher) {
      publishers.set(workerId, publisher);
      return { outcome: 'connected' };
    },
    dispatch: async () => ({ outcome: 'accepted' }),
    stop: async () => ({ outcome: 'accepted', end: 'stopped' }),
  });
  const runtime = createRuntime({ log, limits, profiles: { bench: { label: 'Bench', backend } } });
  await runtime.ready();
  const { runtimeId } = runtime;
  /** An idle Worker, its publisher and the cursor of its last event. */
  async function create() {
    const created = await runtime.execute({ type: 'create', runtimeId, profile: 'bench' });
    assert.equal(created.outcome, 'accepted', JSON.stringify(created));
    const { workerId, lastCursor } = created.worker;
    const publisher = publishers.get(workerId);
    publishers.delete(workerId);
    return { worker: { runtimeId, workerId }, publisher, cursor: lastCursor };
  }
  return { runtime, create, [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose]() };
}

/** Nothing is trimmed. */
export const everythingRetained = { retainedEvents: Infinity, retainedBytes: Infinity };

/** Publishes as the port asks: the next event when there is room for it. */
export async function published(publisher, events, event) {
  for (let index = 0; index < events; index += 1) {
    const { outcome } = await publisher.publish(event(index));
    if (outcome !== 'taken') throw new Error(`event ${index + 1} was ${outcome}`);
  }
}

/** Reads as many events after a cursor, in order, and hands each over. */
export async function observed(runtime, { worker, cursor }, events, onObservation = () => undefined) {
  let last = Number.parseInt(cursor.slice(-16), 16);
  const end = last + events;
  for await (const frame of runtime.observe(worker, cursor)) {
    assert.equal(frame.type, 'events');
    for (const observation of frame.observations) {
      last += 1;
      if (observation.sequence !== last) throw new Error(`${observation.sequence} came instead of ${last}`);
      onObservation(observation);
    }
    if (last >= end) break;
  }
  assert.equal(last, end);
}
