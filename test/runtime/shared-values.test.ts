import { expect, test } from 'vitest';

import type { Frame } from '../../src/ports/browser-gateway.js';
import { framesOf } from '../support/runtime.js';
import { noticed } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';

/** Does to a value what its type forbids; whether it lets that happen is its own affair. */
function spoil(run: () => unknown): void {
  try {
    run();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
  }
}

async function eventsOf(frames: AsyncIterator<Frame>): Promise<Extract<Frame, { type: 'events' }>> {
  for (;;) {
    const { value, done } = await frames.next();
    if (done) throw new Error('the stream ended');
    if (value.type === 'events') return value;
  }
}

test('P3: an observer that changes its frame takes no event from the others', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const [spoiler, other] = [framesOf(host.runtime, worker, 'start'), framesOf(host.runtime, worker, 'start')];
  const [frame, same] = [await eventsOf(spoiler), await eventsOf(other)];
  spoil(() => (frame.observations as unknown[]).splice(0));
  spoil(() => ((frame as { observations: unknown }).observations = []));
  expect(same.observations.map(({ event }) => event.type)).toEqual(['worker-created', 'execution-connected']);
  await Promise.all([spoiler.return?.(), other.return?.()]);
});

test('O7: an observer that changes an event changes it for nobody else', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await host.backend.publisher().publish({
    type: 'tool-call-started',
    toolCallId: 't',
    name: 'as said',
    input: { nested: ['as said'] },
  });
  await host.clock.settle();
  const [spoiler, other] = [framesOf(host.runtime, worker, 'start'), framesOf(host.runtime, worker, 'start')];
  const [frame, same] = [await eventsOf(spoiler), await eventsOf(other)];
  const spoilt = frame.observations[2] as unknown as { event: { name: string; input: { nested: string[] } } };
  spoil(() => (spoilt.event.name = 'spoilt'));
  spoil(() => (spoilt.event.input.nested[0] = 'spoilt'));
  spoil(() => (spoilt.event = { name: 'spoilt', input: { nested: [] } }));
  expect(same.observations[2]?.event).toMatchObject({ name: 'as said', input: { nested: ['as said'] } });
  await Promise.all([spoiler.return?.(), other.return?.()]);
});

test('W16: a backend that changes what publish answered changes it for nobody else', async () => {
  await using host = scripted();
  await host.idle();
  const publisher = host.backend.publisher();
  const result = await publisher.publish(noticed('1'));
  spoil(() => ((result as { outcome: string }).outcome = 'refused'));
  expect(await publisher.publish(noticed('2'))).toEqual({ outcome: 'taken' });
});
