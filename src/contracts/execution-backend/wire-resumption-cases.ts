import assert from 'node:assert/strict';

import type { WireCaseDefinition } from './case-definition.js';
import { newInputId, newWorkerId } from './stage.js';
import type { HeardEvent, WireResult } from './wire-peer.js';
import type { WireStage } from './wire-stage.js';
import { WireWorker } from './wire-stage.js';

const held = { graceMs: 60_000 };
const needed = { requires: ['reconnects', 'recover'] } as const;
const isEnd = ({ event }: HeardEvent): boolean => event.type === 'run-ended';
const saying = ({ event, inputId }: HeardEvent): string => JSON.stringify([inputId, event]);

/** The connection is lost, and the Worker is found again over a new one. */
async function resumed(
  former: WireWorker,
  { sequence, generation = former.generation, inputId }: Resumption = {},
): Promise<Resumed> {
  former.peer.close();
  await former.peer.closed();
  const position = sequence ?? former.events.length;
  const worker = former.at(await former.stage.open(held), generation);
  const at = { generation: former.generation, sequence: position };
  const answer = await worker.recover(at, inputId === undefined ? {} : { inputId });
  return { worker, answer, position };
}

interface Resumption {
  /** The last event that the host has recorded. All that it heard. */
  readonly sequence?: number;
  readonly generation?: number;
  readonly inputId?: string;
}

interface Resumed {
  readonly worker: WireWorker;
  readonly answer: WireResult;
  readonly position: number;
}

/** Both lives together say all of a run once: what came twice is the same, and nothing is missing. */
function assertOneWhole(former: WireWorker, latter: WireWorker, position: number, inputId: string): void {
  latter.assertGapless(position + 1);
  const before = new Map(former.events.map((heard) => [heard.sequence, saying(heard)]));
  const changed = latter.events.filter((heard) => (before.get(heard.sequence) ?? saying(heard)) !== saying(heard));
  assert.deepEqual(changed, [], 'what is said again is the same');
  const said = [...former.events.filter(({ sequence }) => sequence <= position), ...latter.events];
  const run = said.filter((heard) => heard.inputId === inputId);
  assert.deepEqual([run.filter(isEnd).length, run.at(-1)?.event.type], [1, 'run-ended'], 'it ends once');
}

const count = 60;

/** A stream, cut once `heard` events came of which `acknowledged` are; its host has recorded `recorded` of them. */
interface Cut {
  readonly heard: number;
  readonly acknowledged: number;
  readonly recorded: number;
}

async function cutStream(stage: WireStage, cut: Cut): Promise<void> {
  const former = await stage.worker({ ...held, limits: { windowEvents: 16 }, acknowledges: false });
  const inputId = await former.begin(stage.inputs.streams(count));
  await former.peer.until(() => former.events.length >= cut.heard, 'events before the cut');
  if (cut.acknowledged > 0) former.acknowledge(cut.acknowledged);
  const { worker, answer } = await resumed(former, { sequence: cut.recorded, inputId });
  assert.deepEqual([answer.outcome, answer['taken']], ['adopted', true]);
  await worker.ended(inputId);
  assertOneWhole(former, worker, cut.recorded, inputId);
  await worker.completes();
}

type Unanswered = (stage: WireStage) => Promise<void>;

const afterRequest: readonly { readonly id: `EB-WIRE-${string}`; readonly method: string; readonly run: Unanswered }[] =
  [
    {
      id: 'EB-WIRE-092',
      method: 'spawn',
      async run(stage) {
        const peer = await stage.open(held);
        const former = new WireWorker(stage, peer, newWorkerId(), 1);
        peer.send({ id: 'lost', method: 'worker/spawn', params: former.named({ profile: stage.profile }) });
        peer.close();
        await peer.closed();
        const worker = former.at(await stage.open(held));
        assert.equal((await worker.spawn()).outcome, 'connected');
        await worker.completes();
        worker.assertGapless();
      },
    },
    {
      id: 'EB-WIRE-093',
      method: 'input',
      async run(stage) {
        const former = await stage.worker(held);
        const inputId = newInputId();
        const parts = stage.inputs.completes();
        former.peer.send({ id: 'lost', method: 'worker/input', params: former.named({ inputId, parts }) });
        const { worker, answer, position } = await resumed(former, { inputId });
        assert.deepEqual([answer.outcome, typeof answer['taken']], ['adopted', 'boolean']);
        if (answer['taken'] === false) assert.equal((await worker.input(parts, inputId)).outcome, 'accepted');
        await worker.ended(inputId);
        assertOneWhole(former, worker, position, inputId);
        await worker.completes();
      },
    },
  ];
export const wireResumptionCases: readonly WireCaseDefinition[] = [
  {
    id: 'EB-WIRE-090',
    title: 'a connection that is lost in a stream is resumed from the position: nothing is lost, nothing differs',
    rules: ['O7', 'E5', 'R2'],
    requires: ['reconnects', 'recover', 'streams'],
    async run(stage) {
      const cuts = [1, 2, 7, 16].map((heard) => ({ heard, acknowledged: 0, recorded: 0 }));
      for (const cut of cuts) await cutStream(stage, cut);
    },
  },
  {
    id: 'EB-WIRE-091',
    title: 'a resumption goes on after what was acknowledged, and after what was recorded but not acknowledged',
    rules: ['O7', 'E5', 'R2'],
    requires: ['reconnects', 'recover', 'streams'],
    async run(stage) {
      await cutStream(stage, { heard: 8, acknowledged: 5, recorded: 5 });
      await cutStream(stage, { heard: 8, acknowledged: 0, recorded: 6 });
      await cutStream(stage, { heard: 8, acknowledged: 3, recorded: 8 });
    },
  },
  ...afterRequest.map(({ id, method, run }): WireCaseDefinition => ({
    ...needed,
    id,
    title: `a ${method} whose answer was lost with its connection has happened once or not at all, and can go on`,
    rules: ['E5', 'W8'],
    run,
  })),
  {
    id: 'EB-WIRE-094',
    title: 'a cancel whose answer was lost with its connection can be asked again: its run ends once',
    rules: ['E5', 'W11'],
    requires: ['reconnects', 'recover', 'cancel', 'runs-until-cancelled'],
    async run(stage) {
      const former = await stage.worker(held);
      const inputId = await former.running(stage.inputs.runsUntilCancelled());
      const params = former.named({ inputId, deadlineMs: stage.deadlineMs });
      former.peer.send({ id: 'lost', method: 'worker/cancel', params });
      const { worker, answer, position } = await resumed(former, { inputId });
      assert.equal(answer.outcome, 'adopted');
      const { outcome } = await worker.cancel(inputId);
      assert.ok(
        outcome === 'accepted' || outcome === 'rejected',
        `it is accepted or comes too late, not ${String(outcome)}`,
      );
      await worker.ended(inputId);
      assertOneWhole(former, worker, position, inputId);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-095',
    title: 'a take-over by a higher generation is numbered from 1 and begins with what follows the position',
    rules: ['R2', 'O7', 'E6'],
    async run(stage) {
      const former = await stage.worker({ ...held, acknowledges: false });
      const inputId = await former.begin(stage.inputs.completes());
      await former.ended(inputId);
      const missing = former.events.slice(1).map(saying);
      const { worker, answer } = await resumed(former, { sequence: 1, generation: 2, inputId });
      assert.deepEqual([answer.outcome, answer['taken']], ['adopted', true]);
      await worker.completes();
      worker.assertGapless();
      assert.deepEqual(worker.events.slice(0, missing.length).map(saying), missing);
      const { code } = await worker.at(worker.peer, 1).input(stage.inputs.completes());
      assert.equal(code, 'stale-generation', 'the former generation is stale');
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-096',
    title: 'an input that never came is told as not taken, and is not run',
    rules: ['R2', 'W8'],
    async run(stage) {
      const former = await stage.worker(held);
      await former.completes();
      const inputId = newInputId();
      const { worker, answer } = await resumed(former, { inputId });
      assert.deepEqual([answer.outcome, answer['taken']], ['adopted', false]);
      await worker.completes();
      assert.deepEqual(worker.eventsOf(inputId), []);
    },
  },
  {
    id: 'EB-WIRE-097',
    title: 'a run that its host does not name at the resumption is ended without a word, and the next input is taken',
    rules: ['R2', 'W7'],
    requires: ['reconnects', 'recover', 'runs-until-cancelled'],
    async run(stage) {
      const former = await stage.worker(held);
      const inputId = await former.running(stage.inputs.runsUntilCancelled());
      const { worker, answer } = await resumed(former);
      assert.equal(answer.outcome, 'adopted');
      await worker.completes();
      assert.deepEqual(worker.eventsOf(inputId), []);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-098',
    title: 'the newest connection that recovers a Worker holds it: the former one hears nothing more of it',
    rules: ['R2', 'E6'],
    async run(stage) {
      const former = await stage.worker(held);
      await former.completes();
      const said = former.events.length;
      const worker = former.at(await stage.open(held));
      const { outcome } = await worker.recover({ generation: 1, sequence: said });
      assert.equal(outcome, 'adopted');
      await worker.completes();
      worker.assertGapless(said + 1);
      await former.meanwhile();
      assert.equal(former.events.length, said);
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-099',
    title: 'a Worker that is not known, or a position whose events are not kept, is lost or whole, never with a hole',
    rules: ['R2', 'O7'],
    async run(stage) {
      const former = await stage.worker(held);
      const unknown = new WireWorker(stage, former.peer, newWorkerId(), 1);
      const { outcome } = await unknown.recover({ generation: 1, sequence: 0 });
      assert.ok(outcome === 'lost' || outcome === 'unsupported', `it is lost, not ${String(outcome)}`);
      await former.completes();
      const { worker, answer } = await resumed(former, { sequence: 0 });
      if (answer.outcome === 'lost') return;
      assert.equal(answer.outcome, 'adopted');
      await worker.completes();
      worker.assertGapless();
    },
  },
  {
    ...needed,
    id: 'EB-WIRE-100',
    title: 'an execution that no host has held for its grace is lost',
    rules: ['R5', 'R2'],
    async run(stage) {
      const options = { graceMs: 1 };
      let worker = await stage.worker(options);
      let outcome: unknown = 'adopted';
      while (outcome === 'adopted') {
        worker.peer.close();
        await worker.peer.closed();
        await new Promise((resolve) => setTimeout(resolve, 20));
        stage.signal.throwIfAborted();
        worker = worker.at(await stage.open(options));
        outcome = (await worker.recover({ generation: 1, sequence: 0 })).outcome;
      }
      assert.equal(outcome, 'lost');
    },
  },
];
