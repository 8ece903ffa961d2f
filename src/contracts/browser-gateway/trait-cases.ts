import assert from 'node:assert/strict';

import { QuestionId } from '../../domain/ids.js';
import type { Command, Query, WorkerRef } from '../../ports/browser-gateway.js';
import { within } from '../within.js';
import type { CaseDefinition } from './case-definition.js';
import { assertAnswer, assertFrame, assertOutcome } from './shapes.js';
import type { Stage } from './stage.js';
import { newInputId, typesOf, words } from './stage.js';

/** Every command, each to a Worker that a stop or a delete of it would end. */
const commands: Readonly<Record<Command['type'], (stage: Stage, worker: WorkerRef) => Command>> = {
  create: ({ runtimeId, profile }) => ({ type: 'create', runtimeId, profile }),
  input: (_, worker) => ({ type: 'input', worker, parts: words('hello') }),
  answer: (_, worker) => ({ type: 'answer', worker, questionId: QuestionId('q'), answer: { text: 'yes' } }),
  cancel: (_, worker) => ({ type: 'cancel', worker, inputId: newInputId() }),
  reconnect: (_, worker) => ({ type: 'reconnect', worker }),
  stop: (_, worker) => ({ type: 'stop', worker }),
  delete: (_, worker) => ({ type: 'delete', worker }),
};
const queries: Readonly<Record<Query['type'], (stage: Stage, worker: WorkerRef) => Query>> = {
  runtimes: () => ({ type: 'runtimes' }),
  profiles: ({ runtimeId }) => ({ type: 'profiles', runtimeId }),
  workers: ({ runtimeId }) => ({ type: 'workers', runtimeId }),
  worker: (_, worker) => ({ type: 'worker', worker }),
  transcript: (_, worker) => ({ type: 'transcript', worker }),
  observations: (_, worker) => ({ type: 'observations', worker }),
};

const reason = new Error('gone');
const isReason = (cause: unknown): boolean => cause === reason;

const abortedCommand = ([type, command]: (typeof commandEntries)[number]): CaseDefinition => ({
  id: `GW-ABORTED-${type}`,
  title: `${type} with a signal that has aborted rejects with its reason, and changes nothing`,
  rules: ['W18'],
  async run(stage) {
    const worker = await stage.create();
    const before = await stage.told(worker);
    const asked = stage.gateway.execute(command(stage, worker), { signal: AbortSignal.abort(reason) });
    await within(stage.signal, 'the refusal', assert.rejects(asked, isReason));
    assert.deepEqual(await stage.told(worker), before);
    const { workers } = await stage.answered({ type: 'workers', runtimeId: stage.runtimeId });
    assert.equal(workers.length, 1);
  },
});

const abortedQuery = ([type, query]: (typeof queryEntries)[number]): CaseDefinition => ({
  id: `GW-ABORTED-${type}`,
  title: `${type} with a signal that has aborted rejects with its reason`,
  rules: ['W18'],
  async run(stage) {
    const worker = await stage.create();
    const asked = stage.gateway.read(query(stage, worker), { signal: AbortSignal.abort(reason) });
    await within(stage.signal, 'the refusal', assert.rejects(asked, isReason));
  },
});

const commandEntries = Object.entries(commands);
const queryEntries = Object.entries(queries);

/** The same claims about every command and every query, so that none is forgotten. */
export const traitCases: readonly CaseDefinition[] = [
  ...commandEntries.map(abortedCommand),
  ...queryEntries.map(abortedQuery),
  {
    id: 'GW-MIDWAY-001',
    title: 'an input that is aborted midway has run once or not at all, and its id tells which',
    rules: ['W8', 'W18'],
    async run(stage) {
      const worker = await stage.create();
      const command = { type: 'input', worker, inputId: newInputId(), parts: words('once') } as const;
      const controller = new AbortController();
      const asked = stage.gateway.execute(command, { signal: controller.signal });
      controller.abort(reason);
      const settled = await within(stage.signal, 'the end of the wait', Promise.allSettled([asked]));
      for (const end of settled) assert.ok(end.status === 'fulfilled' || end.reason === reason, 'its reason');
      const { cursor } = await stage.accepted(command);
      const seen = await stage.until(worker, 'input-ended');
      const accepted = seen.filter(({ event }) => event.type === 'input-accepted');
      assert.deepEqual(
        accepted.map((observation) => observation.cursor),
        [cursor],
      );
    },
  },
  {
    id: 'GW-MIDWAY-002',
    title: 'who stops waiting for a cancel or a stop keeps nobody else from its answer',
    rules: ['W11', 'W13', 'W18'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = await stage.input(worker, 'hold');
      for (const command of [{ type: 'cancel', worker, inputId } as const, { type: 'stop', worker } as const]) {
        const controller = new AbortController();
        const leaving = stage.gateway.execute<Command>(command, { signal: controller.signal });
        const staying = stage.execute<Command>(command);
        controller.abort(reason);
        await within(stage.signal, 'the end of the wait', Promise.allSettled([leaving]));
        const answer = await staying;
        assert.equal(answer.outcome, 'accepted', `${command.type} answered ${JSON.stringify(answer)}`);
      }
      assert.equal(typesOf(await stage.until(worker, 'worker-stopped')).at(-1), 'worker-stopped');
    },
  },
  {
    id: 'GW-DISPOSED-001',
    title: 'once it is disposed of, every command and read is answered by a value, and nothing is created or run',
    rules: ['W16', 'W18'],
    async run(stage) {
      const worker = await stage.create();
      await stage.dispose();
      for (const [type, command] of commandEntries) {
        const answer = await stage.execute(command(stage, worker));
        assertOutcome(command(stage, worker).type, answer);
        if (type === 'create' || type === 'input') assert.notEqual(answer.outcome, 'accepted', type);
      }
      for (const [, query] of queryEntries) {
        const asked = query(stage, worker);
        assertAnswer(asked.type, await stage.read(asked));
      }
    },
  },
  {
    id: 'GW-DISPOSED-002',
    title: 'disposal ends streams that wait and those that begin later',
    rules: ['W18'],
    async run(stage) {
      const worker = await stage.create();
      const waiting = stage.frames(worker);
      await stage.next(waiting);
      await stage.dispose();
      for (const frames of [waiting, stage.frames(worker)]) {
        for (;;) {
          const next = await within(stage.signal, 'the end of the stream', frames.next());
          if (next.done) break;
          assertFrame(next.value);
        }
      }
    },
  },
];
