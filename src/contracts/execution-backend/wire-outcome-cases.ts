import assert from 'node:assert/strict';

import { isBackendCode } from '../../domain/codes.js';
import {
  controlResult,
  inputResult,
  maxEventsPerLine,
  recoverResult,
  spawnResult,
  stopResult,
} from '../../protocol/ebp.js';
import { parseBackendEvent } from '../../protocol/events.js';
import type { WireCaseDefinition } from './case-definition.js';
import { declaredCapabilities } from './harness.js';
import { newInputId, newWorkerId } from './stage.js';
import type { WireResult } from './wire-peer.js';
import type { WireStage } from './wire-stage.js';
import { WireWorker } from './wire-stage.js';

interface Schema {
  safeParse(value: unknown): { readonly success: boolean };
}
interface Request {
  readonly method: string;
  readonly params: object;
  readonly schema: Schema;
}

/** Every request that names a Worker, in a form that changes nothing where it is refused. */
const requests = (stage: WireStage, generation: number): readonly Request[] => {
  const { profile, deadlineMs } = stage;
  const inputId = newInputId();
  const position = { generation, sequence: 0 };
  return [
    { method: 'worker/spawn', params: { profile }, schema: spawnResult },
    { method: 'worker/recover', params: { position, deadlineMs }, schema: recoverResult },
    { method: 'worker/input', params: { inputId, parts: stage.inputs.completes() }, schema: inputResult },
    {
      method: 'worker/answer',
      params: { questionId: 'never-asked', answer: { text: 'yes' } },
      schema: controlResult,
    },
    { method: 'worker/cancel', params: { inputId, deadlineMs }, schema: controlResult },
    { method: 'worker/stop', params: { graceMs: 0 }, schema: stopResult },
  ];
};

/** It has the shape that its method promises, and says why in a code, not in a sentence. */
function assertOutcome({ method, schema }: Request, result: WireResult): void {
  assert.ok(schema.safeParse(result).success, `${method} answers one of its outcomes, not ${JSON.stringify(result)}`);
  const { code } = result;
  assert.ok(
    code === undefined || (typeof code === 'string' && isBackendCode(code)),
    `the code of ${method} is kebab-case`,
  );
}

const nobody = (stage: WireStage, worker: WireWorker): WireWorker =>
  new WireWorker(stage, worker.peer, newWorkerId(), 1);

export const wireOutcomeCases: readonly WireCaseDefinition[] = [
  {
    id: 'EB-WIRE-030',
    title: 'a spawn is answered with facts of the right form, and with the capabilities that its harness names',
    rules: ['W12', 'W16'],
    async run(stage) {
      // Whoever holds executions without a connection declares recover, once it is asked to hold them.
      const { facts } = await stage.worker(stage.harness.reconnects ? { graceMs: 60_000 } : {});
      assert.ok(spawnResult.safeParse(facts).success, 'it has the form of connected');
      const capabilities = facts['capabilities'] as object;
      const declared = declaredCapabilities(stage.harness);
      const found = Object.fromEntries(Object.keys(declared).map((name) => [name, name in capabilities]));
      assert.deepEqual(found, declared);
    },
  },
  {
    id: 'EB-WIRE-031',
    title: 'every request for a Worker that is not there is answered by a result of its closed set',
    rules: ['E2', 'W16', 'W18'],
    async run(stage) {
      const worker = await stage.worker();
      for (const request of requests(stage, 1).slice(1)) {
        const result = await nobody(stage, worker).result(request.method, request.params);
        assertOutcome(request, result);
        assert.ok(request.method === 'worker/stop' || result.outcome !== 'accepted', `${request.method} is refused`);
      }
      await worker.completes();
    },
  },
  {
    id: 'EB-WIRE-032',
    title: 'a spawn that is refused is a result with a code, and asked again it is refused again',
    rules: ['E2', 'E5', 'W5'],
    requires: ['refused-profile'],
    async run(stage) {
      const worker = await stage.worker();
      const refused = nobody(stage, worker);
      const outcomes = [];
      for (let count = 0; count < 2; count += 1) {
        const result = await refused.spawn(stage.harness.refusedProfile);
        assertOutcome({ method: 'worker/spawn', params: {}, schema: spawnResult }, result);
        outcomes.push(result.outcome);
      }
      assert.ok(!outcomes.includes('connected'), 'it is refused');
      await worker.completes();
      assert.deepEqual(refused.events, []);
    },
  },
  {
    id: 'EB-WIRE-033',
    title: 'a second input while one is open is a result, busy',
    rules: ['E2', 'W7'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const worker = await stage.worker();
      await worker.running(stage.inputs.runsUntilCancelled());
      assert.equal((await worker.input(stage.inputs.completes())).outcome, 'busy');
    },
  },
  {
    id: 'EB-WIRE-034',
    title: 'a spawn that is asked again, at once or later, gets the same answer and is the same execution',
    rules: ['E5'],
    async run(stage) {
      const peer = await stage.open();
      const worker = new WireWorker(stage, peer, newWorkerId(), 1);
      const [first, second] = await Promise.all([worker.spawn(), worker.spawn()]);
      assert.deepEqual([first.outcome, second], ['connected', first]);
      const inputId = await worker.completes();
      assert.deepEqual(await worker.spawn(), first);
      assert.equal((await worker.input(stage.inputs.completes(), inputId)).outcome, 'accepted');
      await worker.completes();
      const ends = worker.eventsOf(inputId).filter(({ event }) => event.type === 'run-ended');
      assert.equal(ends.length, 1, 'what it took is remembered');
      worker.assertGapless();
    },
  },
  {
    id: 'EB-WIRE-035',
    title: 'the same input twice in one write is accepted twice and runs once',
    rules: ['W8'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = newInputId();
      const parts = stage.inputs.completes();
      const answers = await Promise.all([worker.input(parts, inputId), worker.input(parts, inputId)]);
      assert.deepEqual(
        answers.map(({ outcome }) => outcome),
        ['accepted', 'accepted'],
      );
      await worker.ended(inputId);
      await worker.completes();
      const ends = worker.eventsOf(inputId).filter(({ event }) => event.type === 'run-ended');
      assert.equal(ends.length, 1);
    },
  },
  {
    id: 'EB-WIRE-036',
    title: 'the first of 64 inputs that were taken answers accepted and runs nothing',
    rules: ['W8'],
    async run(stage) {
      const worker = await stage.worker();
      const first = await worker.completes();
      for (let count = 1; count < 64; count += 1) await worker.completes();
      const said = worker.eventsOf(first).length;
      assert.equal((await worker.input(stage.inputs.completes(), first)).outcome, 'accepted');
      await worker.meanwhile();
      assert.equal(worker.eventsOf(first).length, said);
    },
  },
  {
    id: 'EB-WIRE-037',
    title: 'every request of a lower generation is answered stale-generation and does nothing',
    rules: ['E6', 'W15'],
    async run(stage) {
      const worker = await stage.worker({}, undefined, 2);
      const lower = worker.at(worker.peer, 1);
      for (const { method, params } of requests(stage, 1)) {
        const { outcome, code } = await lower.result(method, params);
        if (outcome === 'unsupported') continue;
        assert.deepEqual([outcome, code], ['errored', 'stale-generation'], `${method} answers stale-generation`);
      }
      await worker.completes();
      assert.deepEqual(lower.events, []);
    },
  },
  {
    id: 'EB-WIRE-038',
    title: 'a stopped Worker is spawned by a higher generation only; a lower one answers stale-generation',
    rules: ['E6', 'W14'],
    requires: ['stop'],
    async run(stage) {
      const worker = await stage.worker({}, undefined, 2);
      assert.equal((await worker.stop()).outcome, 'accepted');
      const { outcome, code } = await worker.at(worker.peer, 1).spawn();
      assert.deepEqual([outcome, code], ['errored', 'stale-generation']);
      assert.notEqual((await worker.at(worker.peer).spawn()).outcome, 'connected', 'the stopped one stays stopped');
      assert.equal((await worker.at(worker.peer, 3).spawn()).outcome, 'connected');
    },
  },
  {
    id: 'EB-WIRE-039',
    title: 'a spawn of a higher generation ends the former one, which says nothing after the answer, and counts from 1',
    rules: ['E6', 'O7'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const former = await stage.worker();
      await former.running(stage.inputs.runsUntilCancelled());
      const latter = former.at(former.peer, 2);
      assert.equal((await latter.spawn()).outcome, 'connected');
      const said = former.events.length;
      await latter.completes();
      assert.equal(former.events.length, said);
      latter.assertGapless();
    },
  },
  {
    id: 'EB-WIRE-040',
    title: 'a stop is accepted for a Worker that the backend never heard of, and again',
    rules: ['R5', 'W13'],
    requires: ['stop'],
    async run(stage) {
      const worker = await stage.worker();
      const unknown = nobody(stage, worker);
      for (let count = 0; count < 2; count += 1) {
        const answer = await unknown.stop(0);
        assert.deepEqual([answer.outcome, answer['end']], ['accepted', 'stopped']);
      }
    },
  },
  {
    id: 'EB-WIRE-041',
    title: 'every event has the form of one that a backend may author, its run beside it; a line has 1 … 256 of them',
    rules: ['W2', 'O3'],
    async run(stage) {
      const worker = await saidAll(stage);
      const wrong = worker.events.filter(({ event }) => 'inputId' in event || parseBackendEvent(event) === undefined);
      assert.deepEqual(wrong, []);
      const lines = worker.peer.heard.filter(({ message }) => message?.method === 'worker/events');
      const counts = lines.map(({ message }) => [message?.params?.['events']].flat().length);
      assert.ok(Math.min(...counts) >= 1 && Math.max(...counts) <= maxEventsPerLine);
    },
  },
];

/** A Worker that has said all that its harness can make it say. */
async function saidAll(stage: WireStage): Promise<WireWorker> {
  const worker = await stage.worker();
  const { streams, fails } = stage.harness.inputs;
  await worker.completes();
  if (streams) await worker.ended(await worker.begin(streams(1_000)));
  if (fails) await worker.ended(await worker.begin(fails()));
  return worker;
}
