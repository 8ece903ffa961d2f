import assert from 'node:assert/strict';

import { RuntimeId, WorkerId } from '../../domain/ids.js';
import type { Frame, WorkerRef } from '../../ports/browser-gateway.js';
import { within } from '../within.js';
import type { CaseDefinition } from './case-definition.js';
import type { Stage } from './stage.js';
import { words, written } from './stage.js';

async function assertProblem(stage: Stage, worker: WorkerRef, from: string | undefined, code: string): Promise<void> {
  const frames = stage.frames(worker, from);
  const problem = { outcome: 'rejected', code };
  assert.deepEqual(await stage.next(frames), { type: 'problem', problem });
  assert.equal((await within(stage.signal, 'the end of the stream', frames.next())).done, true, 'nothing follows');
}

/** The last sequence that a cursor stands at, and another position of the same epoch. */
const moved = (cursor: string, by: number): string =>
  cursor.slice(0, -16) + (Number.parseInt(cursor.slice(-16), 16) + by).toString(16).padStart(16, '0');

export const observeCases: readonly CaseDefinition[] = [
  {
    id: 'GW-OBSERVE-001',
    title: 'a stream begins with a snapshot and goes on with exactly the next sequence',
    rules: ['P5'],
    async run(stage) {
      const worker = await stage.create();
      const first = await stage.input(worker, 'one');
      await stage.until(worker, 'input-ended');
      const frames = stage.frames(worker);
      const snapshot = await stage.next(frames);
      assert.ok(snapshot.type === 'snapshot', JSON.stringify(snapshot));
      assert.equal(snapshot.worker.lastCursor, snapshot.cursor);
      assert.deepEqual(
        snapshot.transcript.map(({ role, inputId }) => [role, inputId]),
        [
          ['user', first],
          ['assistant', first],
        ],
      );
      const { cursor } = await stage.accepted({ type: 'input', worker, parts: words('two') });
      const events = await stage.next(frames);
      assert.equal(events.type === 'events' && events.observations[0]?.cursor, cursor);
      assert.equal(cursor, moved(snapshot.cursor, 1));
      await stage.leave(frames);
    },
  },
  {
    id: 'GW-OBSERVE-002',
    title: 'a stream resumed from any cursor leaves nothing out and doubles nothing, in the same bytes',
    rules: ['O7', 'P5'],
    async run(stage) {
      const worker = await stage.create();
      await stage.input(worker, 'one');
      await stage.until(worker, 'input-ended');
      const { observations } = await stage.answered({ type: 'observations', worker });
      for (const [index, { cursor }] of observations.slice(0, -1).entries()) {
        const seen = await stage.until(worker, 'input-ended', cursor);
        assert.deepEqual(written(seen), written(observations.slice(index + 1)));
      }
      assert.deepEqual(written(await stage.until(worker, 'input-ended', 'start')), written(observations));
    },
  },
  {
    id: 'GW-OBSERVE-003',
    title: 'a cursor that is malformed, of another epoch or ahead of the log is refused, for streams and pages',
    rules: ['P5'],
    async run(stage) {
      const worker = await stage.create();
      const { worker: view } = await stage.answered({ type: 'worker', worker });
      const cursors = {
        nonsense: 'cursor-invalid',
        wo_00000000_1: 'cursor-invalid',
        wo_00000000_0000000000000001: 'cursor-unknown',
        [moved(view.lastCursor, 1)]: 'cursor-unknown',
      };
      for (const [cursor, code] of Object.entries(cursors)) {
        await assertProblem(stage, worker, cursor, code);
        const page = await stage.read({ type: 'observations', worker, after: cursor });
        assert.deepEqual(page, { outcome: 'rejected', code });
      }
    },
  },
  {
    id: 'GW-OBSERVE-004',
    title: 'a stream of a Worker or a Runtime that nobody knows is refused by name',
    rules: ['B4'],
    async run(stage) {
      const workerId = WorkerId('00000000-0000-7000-8000-000000000000');
      await assertProblem(stage, { runtimeId: stage.runtimeId, workerId }, undefined, 'worker-unknown');
      await assertProblem(stage, { runtimeId: RuntimeId('elsewhere'), workerId }, undefined, 'runtime-unknown');
    },
  },
  {
    id: 'GW-OBSERVE-005',
    title: 'a stream of a Worker that is deleted ends with worker-deleted',
    rules: ['W13'],
    async run(stage) {
      const worker = await stage.stopped();
      const frames = stage.frames(worker);
      await stage.next(frames);
      const end = stage.next(frames);
      await stage.accepted({ type: 'delete', worker });
      assert.deepEqual(await end, { type: 'end', code: 'worker-deleted' });
      assert.equal((await within(stage.signal, 'the end of the stream', frames.next())).done, true);
    },
  },
  {
    id: 'GW-OBSERVE-006',
    title: 'who leaves a stream while nothing comes does not wait, and others go on',
    rules: ['P3', 'W18'],
    async run(stage) {
      const worker = await stage.create();
      const [leaving, staying] = [stage.frames(worker), stage.frames(worker)];
      await Promise.all([stage.next(leaving), stage.next(staying)]);
      const pending = leaving.next();
      await stage.leave(leaving);
      assert.equal((await within(stage.signal, 'the frame that was waited for', pending)).done, true);
      await stage.input(worker, 'go on');
      assert.equal((await stage.next(staying)).type, 'events');
      await stage.leave(staying);
    },
  },
  {
    id: 'GW-OBSERVE-007',
    title: 'abort ends a stream with its reason, before it begins and while it waits',
    rules: ['W18'],
    async run(stage) {
      const worker = await stage.create();
      const reason = new Error('gone');
      const isReason = (cause: unknown): boolean => cause === reason;
      const early: Promise<IteratorResult<Frame, unknown>> = stage
        .frames(worker, undefined, AbortSignal.abort(reason))
        .next();
      await within(stage.signal, 'the refusal', assert.rejects(early, isReason));
      const gone = new AbortController();
      const frames = stage.frames(worker, undefined, gone.signal);
      await stage.next(frames);
      const pending = assert.rejects(frames.next(), isReason);
      gone.abort(reason);
      await within(stage.signal, 'the end of the stream', pending);
    },
  },
  {
    id: 'GW-OBSERVE-008',
    title: 'a stream, a page and a transcript tell the same story',
    rules: ['W3'],
    async run(stage) {
      const worker = await stage.create();
      await stage.input(worker, 'one and the same');
      const streamed = await stage.until(worker, 'input-ended');
      const { observations } = await stage.answered({ type: 'observations', worker });
      assert.deepEqual(written(streamed), written(observations));
      const { entries } = await stage.answered({ type: 'transcript', worker });
      assert.deepEqual(entries.at(-1)?.parts, [{ type: 'text', text: 'one and the same' }]);
    },
  },
  {
    id: 'GW-OBSERVE-009',
    title: 'a reader that does not read holds up neither runs nor another reader, and then gets all of it in order',
    rules: ['P3', 'O7'],
    async run(stage) {
      const worker = await stage.create();
      const [slow, quick] = [stage.frames(worker, 'start'), stage.frames(worker, 'start')];
      const started = await Promise.all([stage.next(slow), stage.next(quick)]);
      assert.deepEqual(
        started.map(({ type }) => type),
        ['events', 'events'],
      );
      for (let count = 0; count < 10; count += 1) await stage.runs(worker, `run ${count}`);
      const { observations } = await stage.answered({ type: 'observations', worker, limit: 500 });
      for (const [index, frames] of [quick, slow].entries()) {
        const first = started[1 - index];
        const seen = first?.type === 'events' ? [...first.observations] : [];
        while (seen.length < observations.length) {
          const frame = await stage.next(frames);
          assert.ok(frame.type === 'events', JSON.stringify(frame));
          seen.push(...frame.observations);
        }
        assert.deepEqual(written(seen), written(observations));
        await stage.leave(frames);
      }
    },
  },
  {
    id: 'GW-OBSERVE-010',
    title: 'a stream from the last cursor begins with what comes next, and a cursor of another Worker is unknown',
    rules: ['P5'],
    async run(stage) {
      const [worker, other] = [await stage.create(), await stage.create()];
      await stage.runs(worker, 'one');
      const { worker: view } = await stage.answered({ type: 'worker', worker });
      const frames = stage.frames(worker, view.lastCursor);
      const next = stage.next(frames);
      const { cursor } = await stage.accepted({ type: 'input', worker, parts: words('two') });
      const frame = await next;
      assert.equal(frame.type === 'events' && frame.observations[0]?.cursor, cursor);
      await stage.leave(frames);
      const { observations } = await stage.answered({ type: 'observations', worker: other });
      const foreign = observations[0]?.cursor ?? '';
      await assertProblem(stage, worker, foreign, 'cursor-unknown');
      const page = await stage.read({ type: 'observations', worker, after: foreign });
      assert.deepEqual(page, { outcome: 'rejected', code: 'cursor-unknown' });
    },
  },
  {
    id: 'GW-OBSERVE-011',
    title: 'a snapshot shows the last 50 entries at most, and they are the last of the transcript',
    rules: ['P3', 'W3'],
    async run(stage) {
      const worker = await stage.create();
      for (let count = 0; count < 27; count += 1) await stage.runs(worker, `run ${count}`);
      const frames = stage.frames(worker);
      const snapshot = await stage.next(frames);
      await stage.leave(frames);
      assert.ok(snapshot.type === 'snapshot', JSON.stringify(snapshot));
      const { entries } = await stage.answered({ type: 'transcript', worker, limit: 500 });
      assert.ok(snapshot.transcript.length > 0 && snapshot.transcript.length <= 50, 'at most 50 entries');
      assert.deepEqual(snapshot.transcript, entries.slice(-snapshot.transcript.length));
    },
  },
  {
    id: 'GW-OBSERVE-012',
    title: 'streams that are opened and left one after the other, and at once, each begin as the first one did',
    rules: ['P3', 'W18'],
    async run(stage) {
      const worker = await stage.create();
      await stage.runs(worker, 'one');
      const look = async (): Promise<Frame> => {
        const frames = stage.frames(worker);
        const frame = await stage.next(frames);
        await stage.leave(frames);
        assert.equal((await within(stage.signal, 'the end of a stream that was left', frames.next())).done, true);
        return frame;
      };
      const first = await look();
      for (let count = 0; count < 10; count += 1) assert.deepEqual(await look(), first);
      for (const frame of await Promise.all(Array.from({ length: 8 }, look))) assert.deepEqual(frame, first);
    },
  },
];
