import { describe, expect, test, vi } from 'vitest';

import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import type { Json } from '../../../../src/domain/ids.js';
import { QuestionId } from '../../../../src/domain/ids.js';
import type { Position, RecoverRequest } from '../../../../src/ports/execution-backend.js';
import type { RawEnd } from './raw-end.js';
import { initialize, rawHost } from './raw-end.js';
import { ScriptedBackend, allCapabilities, generation, inputId, text, worker1 } from './support.js';

const facts = { capabilities: { ...allCapabilities, recover: true }, recoverState: { at: 'home' } };

/** A server in one life, and what its author was asked to recover. */
async function serve() {
  const requests: RecoverRequest[] = [];
  const author = new ScriptedBackend({
    spawn: () => Promise.resolve({ outcome: 'connected', ...facts }),
    recover: (request) => {
      requests.push(request);
      return Promise.resolve({ outcome: 'adopted', ...facts });
    },
  });
  const { raw, transport } = rawHost();
  void backendServer(author).accept(transport);
  raw.send(initialize(1));
  await raw.answer(1);
  let id = 1;
  const ask = async (method: string, of: number, params: object) => {
    id += 1;
    raw.send({ id, method, params: { workerId: worker1, generation: of, ...params } });
    return (await raw.answer(id)).result;
  };
  return {
    author,
    raw,
    requests,
    spawn: (of: number) => ask('worker/spawn', of, { profile: { name: 'p', options: {} } }),
    input: (of: number) => ask('worker/input', of, { inputId: inputId(1), parts: [{ type: 'text', text: 'go' }] }),
    /** Answers what is kept to recover it by. */
    recover: async (of: number, position: Position, recoverState?: Json, more: object = {}) =>
      (await ask('worker/recover', of, { position, recoverState, deadlineMs: 1000, ...more })) as {
        readonly outcome: string;
        readonly recoverState: Json;
      },
  };
}

const at = (of: number, sequence: number): Position => ({ generation: generation(of), sequence });
const saidTimes = (raw: RawEnd, count: number) =>
  vi.waitFor(() => expect(raw.lines.filter(({ method }) => method === 'worker/events')).toHaveLength(count));

/** An execution that said three things, and was taken over after the second one. */
async function takenOver() {
  const served = await serve();
  await served.spawn(1);
  for (const said of ['1', '2', '3']) await served.author.publisher.publish(text(said));
  await saidTimes(served.raw, 1);
  const { recoverState } = await served.recover(2, at(1, 2));
  return { ...served, recoverState };
}

describe('R2: an author that is asked to recover after a new start of its server', () => {
  test('is told the position in its own counting, where a take-over came before', async () => {
    const { recoverState } = await takenOver();
    const { recover, requests } = await serve();
    expect(await recover(3, at(2, 1), recoverState)).toMatchObject({
      outcome: 'adopted',
      recoverState: { at: 'home' },
    });
    expect(requests).toMatchObject([{ handle: { generation: 3, recoverState: { at: 'home' } }, position: at(1, 3) }]);
  });

  test('goes on under its own generation in a resumption, and the host under the one that it knows', async () => {
    const { recoverState } = await takenOver();
    const { author, raw, recover, requests, input } = await serve();
    const resumed = await recover(2, at(2, 4), recoverState);
    expect(resumed).toMatchObject({ outcome: 'adopted', recoverState });
    expect(requests).toMatchObject([{ handle: { generation: 1 }, position: at(1, 6) }]);
    const recorded: number[] = [];
    author.publisher.onRecorded(({ sequence }) => recorded.push(sequence));
    await author.publisher.publish(text('7'));
    expect((await raw.method('worker/events')).params).toMatchObject({ generation: 2, sequence: 5 });
    raw.send({ method: '$/ack', params: { workerId: worker1, generation: 2, sequence: 5 } });
    await vi.waitFor(() => expect(recorded).toEqual([7]));
    expect(await input(2)).toEqual({ outcome: 'accepted' });
    expect(author.calls).toEqual(['recover 1', 'dispatch 1']);
  });

  test('is told it again after take-overs on both sides of the new start', async () => {
    const { recoverState } = await takenOver();
    const second = await serve();
    const resumed = await second.recover(2, at(2, 1), recoverState);
    await second.author.publisher.publish(text('4'));
    await saidTimes(second.raw, 1);
    const over = await second.recover(3, at(2, 2), resumed.recoverState);
    const third = await serve();
    await third.recover(4, at(3, 5), over.recoverState);
    expect(third.requests).toMatchObject([{ handle: { generation: 4 }, position: at(1, 9) }]);
  });

  test('is not asked where a question was asked again in its name: the execution is lost', async () => {
    const { author, raw, spawn, input, recover } = await serve();
    await spawn(1);
    await input(1);
    const questionId = QuestionId('q');
    await author.publisher.publish({ type: 'question-asked', questionId, prompt: 'Go on?', inputId: inputId(1) });
    await saidTimes(raw, 1);
    const { recoverState } = await recover(2, at(1, 1), undefined, { inputId: inputId(1) });
    const later = await serve();
    expect(await later.recover(3, at(2, 1), recoverState)).toEqual({ outcome: 'lost' });
    expect(later.requests).toEqual([]);
  });

  test('has recovered it also for a host that asks once more from before its take-over', async () => {
    const { recover, requests, author, raw } = await serve();
    await recover(2, at(1, 2));
    await author.publisher.publish(text('3'));
    await saidTimes(raw, 1);
    expect(await recover(3, at(1, 2))).toMatchObject({ outcome: 'adopted' });
    await saidTimes(raw, 2);
    const said = raw.lines.filter(({ method }) => method === 'worker/events').at(-1);
    expect(said?.params).toMatchObject({ generation: 3, sequence: 1, events: [{ event: { text: '3' } }] });
    expect(requests).toHaveLength(1);
  });
});
