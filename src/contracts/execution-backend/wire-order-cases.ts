import assert from 'node:assert/strict';

import type { WireCaseDefinition } from './case-definition.js';
import type { Asked } from './harness.js';
import { answerTo } from './questions.js';
import { newWorkerId } from './stage.js';
import type { HeardEvent, WirePeer } from './wire-peer.js';
import { WireWorker } from './wire-stage.js';

/** Which line answered the request that was sent last. */
const lastAnswerIn = ({ heard }: WirePeer): number =>
  heard.findLastIndex(({ message }) => message?.result !== undefined || message?.error !== undefined);

const isEnd = ({ event }: HeardEvent): boolean => event.type === 'run-ended';

/** A run that asks, and its question. */
async function asked(worker: WireWorker): Promise<{ readonly inputId: string; readonly question: Asked }> {
  const inputId = await worker.begin(worker.stage.inputs.asks());
  const { event } = await worker.event(({ event: { type } }) => type === 'question-asked', 'question-asked');
  return { inputId, question: event as unknown as Asked };
}

export const wireOrderCases: readonly WireCaseDefinition[] = [
  {
    id: 'EB-WIRE-050',
    title: 'the run-ended of a cancelled run is on the wire before the answer to its cancel',
    rules: ['E4', 'W11'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = await worker.running(stage.inputs.runsUntilCancelled());
      assert.equal((await worker.cancel(inputId)).outcome, 'accepted');
      const answeredIn = lastAnswerIn(worker.peer);
      const ends = worker.eventsOf(inputId).filter(isEnd);
      assert.deepEqual(
        ends.map(({ event, line }) => [event['end'], line < answeredIn]),
        [['cancelled', true]],
        'one run-ended, cancelled, before the answer',
      );
    },
  },
  {
    id: 'EB-WIRE-051',
    title: 'the answer to stop is the last that is heard of its generation',
    rules: ['E4', 'W14'],
    requires: ['stop', 'runs-until-cancelled'],
    async run(stage) {
      const worker = await stage.worker();
      await worker.running(stage.inputs.runsUntilCancelled());
      assert.equal((await worker.stop()).outcome, 'accepted');
      const answeredIn = lastAnswerIn(worker.peer);
      await worker.meanwhile();
      assert.deepEqual(
        worker.events.filter(({ line }) => line > answeredIn),
        [],
      );
    },
  },
  {
    id: 'EB-WIRE-052',
    title: 'the answer to an answer is on the wire before what it causes',
    rules: ['W17', 'O6'],
    requires: ['questions', 'asks'],
    async run(stage) {
      const worker = await stage.worker();
      const { inputId, question } = await asked(worker);
      const said = worker.eventsOf(inputId).length;
      const answer = answerTo(stage.harness, question);
      const { outcome } = await worker.result('worker/answer', { questionId: question.questionId, answer });
      assert.equal(outcome, 'accepted');
      const answeredIn = lastAnswerIn(worker.peer);
      await worker.ended(inputId);
      const early = worker
        .eventsOf(inputId)
        .slice(said)
        .filter(({ line }) => line < answeredIn);
      assert.deepEqual(early, []);
    },
  },
  {
    id: 'EB-WIRE-053',
    title: 'a question that is withdrawn was asked before, once, and cannot be answered any more',
    rules: ['O6', 'W17'],
    requires: ['questions', 'withdraws'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = await worker.begin(stage.inputs.withdraws());
      await worker.ended(inputId);
      const told = worker.eventsOf(inputId).filter(({ event }) => event.type.startsWith('question-'));
      const types = told.map(({ event }) => event.type);
      assert.deepEqual(types, ['question-asked', 'question-withdrawn']);
      const [first, second] = told.map(({ event }) => event['questionId']);
      assert.equal(first, second);
      const { outcome } = await worker.result('worker/answer', { questionId: first, answer: { text: 'yes' } });
      assert.equal(outcome, 'rejected');
    },
  },
  {
    id: 'EB-WIRE-054',
    title: 'two Workers on one connection are numbered apart, and each says only what its own input caused',
    rules: ['O3', 'O7', 'W16'],
    requires: ['streams', 'many-workers'],
    async run(stage) {
      const first = await stage.worker();
      const second = new WireWorker(stage, first.peer, newWorkerId(), 1);
      assert.equal((await second.spawn()).outcome, 'connected');
      const parts = stage.inputs.streams(500);
      const [one, two] = await Promise.all([first.begin(parts), second.begin(parts)]);
      await Promise.all([first.ended(one), second.ended(two)]);
      assert.deepEqual([first.eventsOf(two), second.eventsOf(one)], [[], []]);
      first.assertGapless();
      second.assertGapless();
    },
  },
  {
    id: 'EB-WIRE-055',
    title: 'a cancel whose run waits for room is answered once there is some, after its run-ended',
    rules: ['E4', 'W11', 'P2'],
    requires: ['cancel', 'streams'],
    async run(stage) {
      const worker = await stage.worker({ limits: { windowEvents: 4 }, acknowledges: false });
      const inputId = await worker.begin(stage.inputs.streams(100));
      await worker.peer.until(() => worker.events.length >= worker.peer.limits.windowEvents, 'a full window');
      const cancelled = worker.cancel(inputId);
      await worker.meanwhile();
      worker.goOn();
      await cancelled;
      const answeredIn = lastAnswerIn(worker.peer);
      const ends = worker.eventsOf(inputId).filter(isEnd);
      assert.deepEqual(
        ends.map(({ line }) => line < answeredIn),
        [true],
        'one run-ended, before the answer',
      );
    },
  },
];
