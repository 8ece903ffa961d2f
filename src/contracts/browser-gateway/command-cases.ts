import assert from 'node:assert/strict';

import { QuestionId, RuntimeId, WorkerId } from '../../domain/ids.js';
import type { Command, WorkerRef } from '../../ports/browser-gateway.js';
import type { CaseDefinition } from './case-definition.js';
import type { Stage } from './stage.js';
import { newInputId, typesOf, words } from './stage.js';

const rejected = (code: string) => ({ outcome: 'rejected', code });

/** Every command to a Worker. */
const commandsTo = (worker: WorkerRef): readonly Exclude<Command, { type: 'create' }>[] => [
  { type: 'input', worker, parts: words('hello') },
  { type: 'answer', worker, questionId: QuestionId('q'), answer: { text: 'yes' } },
  { type: 'cancel', worker, inputId: newInputId() },
  { type: 'reconnect', worker },
  { type: 'stop', worker },
  { type: 'delete', worker },
];

async function assertRefused(stage: Stage, worker: WorkerRef, code: string, deleted: object): Promise<void> {
  for (const command of commandsTo(worker)) {
    const expected = command.type === 'delete' ? deleted : rejected(code);
    assert.deepEqual(await stage.execute(command), expected, command.type);
  }
}

export const commandCases: readonly CaseDefinition[] = [
  {
    id: 'GW-CREATE-001',
    title: 'create answers the view that a read gives, created',
    rules: ['W5', 'B1'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const made = await stage.accepted({ type: 'create', runtimeId, profile, displayName: 'One' });
      assert.equal(made.created, true);
      const { workerId } = made.worker;
      const { worker } = await stage.answered({ type: 'worker', worker: { runtimeId, workerId } });
      assert.deepEqual(made.worker, worker);
      assert.deepEqual([worker.profile, worker.displayName, worker.status], [profile, 'One', 'idle']);
    },
  },
  {
    id: 'GW-CREATE-002',
    title: 'create of an unknown profile, or at an unknown Runtime, makes nothing',
    rules: ['W5'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const unknown = await stage.execute({ type: 'create', runtimeId, profile: 'nobody-offers-this' });
      assert.deepEqual(unknown, rejected('profile-unknown'));
      const elsewhere = await stage.execute({ type: 'create', runtimeId: RuntimeId('elsewhere'), profile });
      assert.deepEqual(elsewhere, rejected('runtime-unknown'));
      const list = await stage.read({ type: 'workers', runtimeId });
      assert.deepEqual(list, { outcome: 'answered', workers: [] });
    },
  },
  {
    id: 'GW-CREATE-003',
    title: 'create with a first input answers its id and cursor, and the log holds both in order',
    rules: ['W5', 'O1', 'O2', 'O3', 'O4'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const inputId = newInputId();
      const input = { inputId, parts: words('hello') };
      const made = await stage.accepted({ type: 'create', runtimeId, profile, input });
      assert.equal(made.inputId, inputId);
      const seen = await stage.until({ runtimeId, workerId: made.worker.workerId }, 'input-ended');
      assert.deepEqual(typesOf(seen.slice(0, 3)), ['worker-created', 'execution-connected', 'input-accepted']);
      assert.deepEqual([seen[2]?.cursor, seen[2]?.inputId], [made.cursor, inputId]);
    },
  },
  {
    id: 'GW-CREATE-004',
    title: 'the same key with the same content gives the same Worker, with another a conflict',
    rules: ['W5', 'W8'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const command = { type: 'create', runtimeId, profile, idempotencyKey: 'key-1' } as const;
      const [one, two] = await Promise.all([stage.accepted(command), stage.accepted(command)]);
      assert.equal(one.worker.workerId, two.worker.workerId);
      assert.deepEqual([one.created, two.created].toSorted(), [false, true]);
      const other = await stage.execute({ ...command, displayName: 'Other' });
      assert.deepEqual(other, rejected('worker-conflict'));
    },
  },
  {
    id: 'GW-INPUT-001',
    title: 'an accepted input is in the log, at the cursor that was answered',
    rules: ['W6'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = newInputId();
      const answer = await stage.accepted({ type: 'input', worker, inputId, parts: words('hello') });
      const { observations } = await stage.answered({ type: 'observations', worker });
      const accepted = observations.find(({ event }) => event.type === 'input-accepted');
      assert.deepEqual([accepted?.cursor, accepted?.inputId], [answer.cursor, inputId]);
    },
  },
  {
    id: 'GW-INPUT-002',
    title: 'the same input id gets the first answer again, with other content a conflict',
    rules: ['W8'],
    async run(stage) {
      const worker = await stage.create();
      const command = { type: 'input', worker, inputId: newInputId(), parts: words('hello') } as const;
      const first = await stage.accepted(command);
      await stage.until(worker, 'input-ended');
      assert.deepEqual(await stage.accepted(command), first);
      assert.deepEqual(await stage.execute({ ...command, parts: words('other') }), rejected('input-conflict'));
    },
  },
  {
    id: 'GW-INPUT-003',
    title: 'an input beside an open one is busy with its id and leaves no trace',
    rules: ['W6', 'W7'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = await stage.input(worker, 'hold');
      const busy = await stage.execute({ type: 'input', worker, parts: words('second') });
      assert.deepEqual(busy, { outcome: 'busy', inputId });
      await stage.accepted({ type: 'cancel', worker, inputId });
      const seen = await stage.until(worker, 'input-ended');
      assert.equal(typesOf(seen).filter((type) => type === 'input-accepted').length, 1);
    },
  },
  {
    id: 'GW-INPUT-004',
    title: 'an input without any non-blank part is input-invalid',
    rules: ['W6'],
    async run(stage) {
      const worker = await stage.create();
      for (const parts of [[], words(' \n')]) {
        const refused = await stage.execute({ type: 'input', worker, parts });
        assert.deepEqual(refused, rejected('input-invalid'));
      }
    },
  },
  {
    id: 'GW-CANCEL-001',
    title: 'cancel of an open input is quiesced, of another it is input-not-open',
    rules: ['W11'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = await stage.input(worker, 'hold');
      const other = await stage.execute({ type: 'cancel', worker, inputId: newInputId() });
      assert.deepEqual(other, rejected('input-not-open'));
      const cancelled = await stage.accepted({ type: 'cancel', worker, inputId, deadlineMs: 5_000 });
      assert.deepEqual(cancelled, { outcome: 'accepted', end: 'quiesced' });
      assert.deepEqual(await stage.execute({ type: 'cancel', worker, inputId }), rejected('input-not-open'));
    },
  },
  {
    id: 'GW-ANSWER-001',
    title: 'an answer closes its question, again it gets its result, another is refused',
    rules: ['W17', 'O6'],
    async run(stage) {
      const worker = await stage.create();
      await stage.input(worker, 'ask');
      const asked = await stage.first(worker, 'question-asked');
      const { questionId } = asked.event;
      const command = { type: 'answer', worker, questionId, answer: { text: 'yes' } } as const;
      const invalid = await stage.execute({ ...command, answer: { optionId: 'none' } });
      assert.deepEqual(invalid, rejected('answer-invalid'));
      assert.deepEqual(await stage.accepted(command), { outcome: 'accepted' });
      assert.deepEqual(await stage.accepted(command), { outcome: 'accepted' });
      const unknown = await stage.execute({ ...command, questionId: QuestionId('nobody-asked') });
      assert.deepEqual(unknown, rejected('question-unknown'));
    },
  },
  {
    id: 'GW-RECONNECT-001',
    title: 'reconnect of a connected Worker is accepted without effect',
    rules: ['W10'],
    async run(stage) {
      const worker = await stage.create();
      const before = await stage.answered({ type: 'worker', worker });
      const reply = await stage.accepted({ type: 'reconnect', worker });
      assert.deepEqual(reply.worker, before.worker);
    },
  },
  {
    id: 'GW-STOP-001',
    title: 'a stop ends the open input first, and asked again answers the same',
    rules: ['W13', 'O1', 'O4'],
    async run(stage) {
      const worker = await stage.create();
      await stage.input(worker, 'hold');
      const first = await stage.accepted({ type: 'stop', worker });
      assert.equal(first.worker.status, 'stopped');
      assert.deepEqual(await stage.accepted({ type: 'stop', worker }), first);
      const types = typesOf(await stage.until(worker, 'worker-stopped'));
      assert.ok(types.indexOf('input-ended') < types.indexOf('worker-stopped'));
      assert.equal(types.at(-1), 'worker-stopped');
    },
  },
  {
    id: 'GW-STOP-002',
    title: 'a stopped Worker takes no input and no reconnect, and can be read',
    rules: ['W3', 'W14'],
    async run(stage) {
      const worker = await stage.stopped();
      const input = await stage.execute({ type: 'input', worker, parts: words('hello') });
      assert.deepEqual(input, rejected('worker-stopped'));
      assert.deepEqual(await stage.execute({ type: 'reconnect', worker }), rejected('worker-stopped'));
      const { observations } = await stage.answered({ type: 'observations', worker });
      assert.equal(observations.at(-1)?.event.type, 'worker-stopped');
      await stage.answered({ type: 'transcript', worker });
    },
  },
  {
    id: 'GW-DELETE-001',
    title: 'delete is for stopped Workers and idempotent; then the Worker is unknown to every command',
    rules: ['W13', 'B4'],
    async run(stage) {
      const worker = await stage.create();
      assert.deepEqual(await stage.execute({ type: 'delete', worker }), rejected('worker-not-stopped'));
      await stage.accepted({ type: 'stop', worker });
      assert.deepEqual(await stage.execute({ type: 'delete', worker }), { outcome: 'accepted' });
      await assertRefused(stage, worker, 'worker-unknown', { outcome: 'accepted' });
    },
  },
  {
    id: 'GW-ADDRESS-001',
    title: 'commands to a Worker or a Runtime that nobody knows are refused by name',
    rules: ['B4'],
    async run(stage) {
      const workerId = WorkerId('00000000-0000-7000-8000-000000000000');
      await assertRefused(stage, { runtimeId: stage.runtimeId, workerId }, 'worker-unknown', { outcome: 'accepted' });
      const runtimeId = RuntimeId('elsewhere');
      await assertRefused(stage, { runtimeId, workerId }, 'runtime-unknown', rejected('runtime-unknown'));
    },
  },
];
