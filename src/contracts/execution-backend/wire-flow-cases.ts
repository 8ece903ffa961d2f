import assert from 'node:assert/strict';

import type { WireCaseDefinition } from './case-definition.js';
import { newWorkerId } from './stage.js';
import type { HeardEvent, WirePeer } from './wire-peer.js';
import { WireWorker } from './wire-stage.js';

const sizeOf = ({ event }: HeardEvent): number => Buffer.byteLength(JSON.stringify(event));
const unacknowledged = ({ events, stream }: WireWorker): readonly HeardEvent[] =>
  events.filter(({ sequence }) => sequence > stream.acknowledged);

/** What is not acknowledged fits in the window, counted in the way that is kindest to the sender. */
function assertWithinWindow(worker: WireWorker): void {
  const { windowEvents, windowBytes } = worker.peer.limits;
  const held = unacknowledged(worker);
  assert.ok(held.length <= windowEvents, `at most ${windowEvents} events are not acknowledged, not ${held.length}`);
  const bytes = held.reduce((sum, heard) => sum + sizeOf(heard), 0);
  const isWithin = bytes <= windowBytes || held.length === 1;
  assert.ok(isWithin, `at most ${windowBytes} bytes are not acknowledged, or one event, not ${bytes} bytes`);
}

function assertLineLengths({ heard, limits: { maxLineBytes } }: WirePeer): void {
  const longest = Math.max(...heard.map(({ bytes }) => bytes));
  assert.ok(longest <= maxLineBytes, `a line has at most ${maxLineBytes} bytes, not ${longest}`);
}

/** All of a stream came, in order, and its end is the last. */
function assertWhole(worker: WireWorker, inputId: string, count: number): void {
  worker.assertGapless();
  const said = worker.eventsOf(inputId);
  assert.ok(said.length > count, `at least ${count} events and an end, not ${said.length} events`);
  const ends = said.filter(({ event }) => event.type === 'run-ended').length;
  assert.deepEqual([ends, said.at(-1)?.event.type], [1, 'run-ended']);
}

/** Takes one more acknowledgement each time that nothing comes without one. */
async function inSmallSteps(worker: WireWorker, inputId: string, step: number): Promise<void> {
  const isOver = (): boolean => worker.eventsOf(inputId).at(-1)?.event.type === 'run-ended';
  while (!isOver()) {
    const heard = worker.events.length;
    worker.acknowledge(Math.min(worker.stream.acknowledged + step, heard));
    const isAtEnd = worker.stream.acknowledged >= heard;
    if (isAtEnd) await worker.peer.until(() => worker.events.length > heard || isOver(), 'more events');
    assertWithinWindow(worker);
  }
}

/** One Worker whose window is full of a stream of `count` events. */
async function full(worker: WireWorker, count: number, bytes = 1): Promise<string> {
  const inputId = await worker.begin(worker.stage.inputs.streams(count, bytes));
  await worker.event(() => true, 'the first event');
  await worker.meanwhile();
  return inputId;
}

const needed = { requires: ['streams'] } as const;

export const wireFlowCases: readonly WireCaseDefinition[] = [
  {
    ...needed,
    id: 'EB-WIRE-060',
    title: 'events are numbered from 1 without a gap under load, and none is missing',
    rules: ['O7', 'P1'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = await worker.begin(stage.inputs.streams(3_000));
      await worker.ended(inputId);
      assertWhole(worker, inputId, 3_000);
      await worker.completes();
      worker.assertGapless();
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-061',
    title: 'no line is longer than a small limit that was agreed on, and nothing is missing',
    rules: ['E1', 'O7'],
    async run(stage) {
      const worker = await stage.worker({ limits: { maxLineBytes: 4096 } });
      const inputId = await worker.begin(stage.inputs.streams(300, 200));
      await worker.ended(inputId);
      assertWhole(worker, inputId, 300);
      assertLineLengths(worker.peer);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-062',
    title: 'an event that no line can carry is not sent; its run ends, and the next input is taken',
    rules: ['E1', 'O4'],
    async run(stage) {
      const worker = await stage.worker({ limits: { maxLineBytes: 4096 } });
      await worker.ended(await worker.begin(stage.inputs.streams(2, 8_000)));
      await worker.completes();
      assertLineLengths(worker.peer);
      worker.assertGapless();
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-063',
    title: 'a backend whose events are not acknowledged stops at the window, and goes on once they are',
    rules: ['P2'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowEvents: 8 }, acknowledges: false });
      const inputId = await full(worker, 50);
      assertWithinWindow(worker);
      worker.goOn();
      await worker.ended(inputId);
      assertWhole(worker, inputId, 50);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-064',
    title: 'a backend whose events are acknowledged one by one never passes the window, and loses nothing',
    rules: ['P2', 'O7'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowEvents: 8 }, acknowledges: false });
      const inputId = await full(worker, 40);
      await inSmallSteps(worker, inputId, 1);
      assertWhole(worker, inputId, 40);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-065',
    title: 'a backend stops at a window in bytes, and goes on as it is acknowledged',
    rules: ['P2'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowBytes: 4096 }, acknowledges: false });
      const inputId = await full(worker, 40, 1_000);
      assertWithinWindow(worker);
      await inSmallSteps(worker, inputId, 2);
      assertWhole(worker, inputId, 40);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-066',
    title: 'an event larger than the window in bytes goes alone',
    rules: ['P2'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowBytes: 2048 }, acknowledges: false });
      const inputId = await full(worker, 3, 5_000);
      assertWithinWindow(worker);
      await inSmallSteps(worker, inputId, 1);
      assertWhole(worker, inputId, 3);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-067',
    title: 'an acknowledgement of what was never sent harms nothing',
    rules: ['W16', 'O7'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowEvents: 8 }, acknowledges: false });
      const inputId = await full(worker, 50);
      worker.peer.notify('$/ack', worker.named({ sequence: 1_000_000 }));
      await worker.meanwhile();
      worker.goOn();
      await worker.ended(inputId);
      assertWhole(worker, inputId, 50);
      await worker.completes();
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-068',
    title: 'acknowledgements that are repeated, or of other Workers and generations, give no room and harm nothing',
    rules: ['P2', 'W15'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowEvents: 8 }, acknowledges: false }, undefined, 2);
      const inputId = await full(worker, 50);
      worker.acknowledge(4);
      for (const sequence of [4, 2])
        worker.peer.notify('$/ack', { workerId: worker.workerId, generation: 2, sequence });
      for (const [workerId, generation] of [[newWorkerId(), 1] as const, [worker.workerId, 1] as const])
        worker.peer.notify('$/ack', { workerId, generation, sequence: 8 });
      await worker.meanwhile();
      assertWithinWindow(worker);
      worker.goOn();
      await worker.ended(inputId);
      assertWhole(worker, inputId, 50);
    },
  },
  {
    id: 'EB-WIRE-069',
    title: 'a backend whose events are refused goes on: the run ends, and the next input is taken',
    rules: ['P1', 'W16'],
    async run(stage) {
      const worker = await stage.worker({ acknowledges: false });
      for (let count = 0; count < 2; count += 1) {
        const inputId = await worker.begin(stage.inputs.completes());
        await worker.ended(inputId);
        const refused = worker.eventsOf(inputId).map(({ sequence }) => ({ sequence, code: 'no-open-run' }));
        worker.acknowledge(undefined, { refused: [...refused, { sequence: refused[0]?.sequence, code: '_private' }] });
      }
      await worker.completes();
    },
  },
  {
    requires: ['streams', 'many-workers'],
    id: 'EB-WIRE-070',
    title: 'a Worker whose window is full holds up no other one on its connection',
    rules: ['P2', 'W16'],
    async run(stage) {
      const held = await stage.worker({ limits: { windowEvents: 8 }, acknowledges: false });
      const inputId = await full(held, 50);
      const other = new WireWorker(stage, held.peer, newWorkerId(), 1);
      assert.equal((await other.spawn()).outcome, 'connected');
      await other.completes();
      assertWithinWindow(held);
      held.goOn();
      await held.ended(inputId);
      assertWhole(held, inputId, 50);
    },
  },
];
