import { randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { proofOf } from '../../../../src/adapters/execution-backend/wire/challenge.js';
import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import type { RawEnd } from './raw-end.js';
import { initialize, rawHost } from './raw-end.js';
import type { Overrides } from './support.js';
import { ScriptedBackend, TestClock, allCapabilities, inputId, text, worker1 } from './support.js';

const keys = ['mine', 'theirs'].map((id) => ({ id, secret: randomBytes(32) }));
type KeyId = 'mine' | 'theirs';

function serve(overrides: Overrides = {}) {
  const author = new ScriptedBackend(overrides);
  const clock = new TestClock();
  const server = backendServer(author, { clock });
  /** A host that has shown this key; of request ids, 1 to 3 are taken. */
  const host = async (keyId: KeyId): Promise<RawEnd> => {
    const { raw, transport } = rawHost();
    void server.accept(transport, { keys });
    const clientNonce = randomBytes(32).toString('base64url');
    raw.send({ id: 1, method: 'auth/hello', params: { keyId, clientNonce } });
    const { result } = await raw.answer(1);
    const nonces = { keyId, clientNonce, serverNonce: String(result?.['serverNonce']) };
    const secret = keys.find(({ id }) => id === keyId)?.secret ?? randomBytes(32);
    raw.send({ id: 2, method: 'auth/prove', params: { proof: proofOf(secret, 'host', nonces) } }, initialize(3));
    await raw.answer(3);
    return raw;
  };
  return { author, clock, host };
}

const named = (generation = 1) => ({ workerId: worker1, generation });
const ask = async (raw: RawEnd, id: number, method: string, params: object) => {
  raw.send({ id, method, params: { ...named(), ...params } });
  return (await raw.answer(id)).result;
};
const profile = { name: 'p', options: {} };
const position = { generation: 1, sequence: 0 };
const recovers = (more: object = {}) => ({ position, deadlineMs: 1000, ...more });

describe('an execution that was begun with a key', () => {
  const begun = async () => {
    const served = serve();
    const mine = await served.host('mine');
    expect(await ask(mine, 4, 'worker/spawn', { profile })).toMatchObject({ outcome: 'connected' });
    return { ...served, mine, theirs: await served.host('theirs') };
  };

  test.each([
    ['recover', { outcome: 'lost' }, recovers()],
    ['recover', { outcome: 'lost' }, recovers({ generation: 9, recoverState: { $owner: 'theirs' } })],
    ['spawn', { outcome: 'rejected', code: 'backend-unavailable' }, { profile }],
    ['spawn', { outcome: 'rejected', code: 'backend-unavailable' }, { generation: 9, profile }],
    ['stop', { outcome: 'accepted', end: 'stopped' }, { graceMs: 0 }],
    ['stop', { outcome: 'accepted', end: 'stopped' }, { generation: 9, graceMs: 0 }],
    [
      'input',
      { outcome: 'errored', code: 'backend-disconnected' },
      { inputId: inputId(1), parts: [{ type: 'text', text: 'go' }] },
    ],
    [
      'answer',
      { outcome: 'errored', code: 'backend-disconnected' },
      { questionId: '03900000-0000-7000-8000-000000000001', answer: { text: 'yes' } },
    ],
    ['cancel', { outcome: 'errored', code: 'backend-disconnected' }, { inputId: inputId(1), deadlineMs: 1000 }],
  ])('for another key, %s answers %o and does nothing', async (method, outcome, params) => {
    const { author, mine, theirs } = await begun();
    expect(await ask(theirs, 4, `worker/${method}`, params)).toEqual(outcome);
    expect(author.calls).toEqual(['spawn 1']);

    const parts = [{ type: 'text', text: 'go' }];
    expect(await ask(mine, 5, 'worker/input', { inputId: inputId(1), parts })).toEqual({ outcome: 'accepted' });
    await author.publisher.publish(text('for mine', inputId(1)));
    await mine.method('worker/events');
    expect(theirs.lines.filter((line) => line.method !== undefined)).toEqual([]);
  });

  test('is not ended by a shutdown or an end of the connection of another key', async () => {
    const { author, clock, theirs } = await begun();
    theirs.send({ id: 4, method: 'shutdown', params: { graceMs: 0 } });
    await theirs.answer(4);
    theirs.close();
    await theirs.closed();
    clock.pass(3_600_000);
    expect(author.calls).toEqual(['spawn 1']);
  });

  test('takes no acknowledgement of another key', async () => {
    const { author, mine, theirs } = await begun();
    const recorded: number[] = [];
    author.publisher.onRecorded(({ sequence }) => recorded.push(sequence));
    await author.publisher.publish({ type: 'text-delta', messageId: 'm', text: 'x' });
    await mine.method('worker/events');
    theirs.send({ method: '$/ack', params: { ...named(), sequence: 1 } });
    await ask(theirs, 5, 'worker/stop', { graceMs: 0 });
    expect(recorded).toEqual([]);
    mine.send({ method: '$/ack', params: { ...named(), sequence: 1 } });
    await ask(mine, 6, 'worker/cancel', { inputId: inputId(1), deadlineMs: 1000 });
    expect(recorded).toEqual([1]);
  });

  test('is found again by its own key on another connection', async () => {
    const { host, mine } = await begun();
    mine.close();
    await mine.closed();
    const again = await host('mine');
    expect(await ask(again, 4, 'worker/recover', recovers())).toMatchObject({ outcome: 'adopted' });
  });

  test('and was stopped is still nobody else’s', async () => {
    const { author, mine, theirs } = await begun();
    expect(await ask(mine, 5, 'worker/stop', { graceMs: 0 })).toMatchObject({ outcome: 'accepted' });
    expect(await ask(theirs, 4, 'worker/spawn', { generation: 2, profile })).toMatchObject({ outcome: 'rejected' });
    expect(author.calls).toEqual(['spawn 1', 'stop 1']);
  });
});

describe('after a new start of the server', () => {
  const recover: Overrides['recover'] = () =>
    Promise.resolve({
      outcome: 'adopted',
      capabilities: { ...allCapabilities, recover: true },
      recoverState: { pid: 7 },
    });
  const spawn: Overrides['spawn'] = () =>
    Promise.resolve({
      outcome: 'connected',
      capabilities: { ...allCapabilities, recover: true },
      recoverState: { pid: 7 },
    });
  const kept = async (): Promise<unknown> => {
    const mine = await serve({ spawn }).host('mine');
    return (await ask(mine, 4, 'worker/spawn', { profile }))?.['recoverState'];
  };

  test('what was kept to recover by is handed to the author for its own key, as the author gave it', async () => {
    const states: unknown[] = [];
    const { host } = serve({
      recover: (request, publisher, call) => {
        states.push(request.handle.recoverState);
        return recover(request, publisher, call);
      },
    });
    const recoverState = await kept();
    const answer = await ask(await host('mine'), 4, 'worker/recover', recovers({ recoverState }));
    expect(answer).toMatchObject({ outcome: 'adopted', recoverState });
    expect(states).toEqual([{ pid: 7 }]);
  });

  test('what was kept is lost for a host that needs no key, and the author is not asked', async () => {
    const recoverState = await kept();
    const author = new ScriptedBackend({ recover });
    const { raw, transport } = rawHost();
    void backendServer(author, { clock: new TestClock() }).accept(transport);
    raw.send(initialize(1));
    await raw.answer(1);
    expect(await ask(raw, 4, 'worker/recover', recovers({ recoverState }))).toEqual({ outcome: 'lost' });
    expect(author.calls).toEqual([]);
  });

  test('what was kept is lost for another key, and the author is not asked', async () => {
    const { author, host } = serve({ recover });
    const recoverState = await kept();
    const theirs = await host('theirs');
    expect(await ask(theirs, 4, 'worker/recover', recovers({ recoverState }))).toEqual({ outcome: 'lost' });
    expect(author.calls).toEqual([]);
  });

  test('E6: what another key asked for in vain is still found by its own', async () => {
    const { host } = serve({ recover });
    const recoverState = await kept();
    const theirs = await host('theirs');
    expect(await ask(theirs, 4, 'worker/recover', recovers({ generation: 9, recoverState }))).toEqual({
      outcome: 'lost',
    });
    const mine = await host('mine');
    expect(await ask(mine, 4, 'worker/recover', recovers({ recoverState }))).toMatchObject({ outcome: 'adopted' });
  });

  test.each(['spawn', 'recover'])('after a %s the author sees its own state in every call', async (begin) => {
    const states: unknown[] = [];
    const { host } = serve({
      spawn,
      recover,
      dispatch: ({ recoverState }) => {
        states.push(recoverState);
        return Promise.resolve({ outcome: 'accepted' });
      },
      cancel: ({ recoverState }) => {
        states.push(recoverState);
        return Promise.resolve({ outcome: 'accepted' });
      },
      stop: ({ recoverState }) => {
        states.push(recoverState);
        return Promise.resolve({ outcome: 'accepted', end: 'stopped' });
      },
    });
    const mine = await host('mine');
    const params = begin === 'spawn' ? { profile } : recovers({ recoverState: await kept() });
    await ask(mine, 4, `worker/${begin}`, params);
    await ask(mine, 5, 'worker/input', { inputId: inputId(1), parts: [{ type: 'text', text: 'go' }] });
    await ask(mine, 6, 'worker/cancel', { inputId: inputId(1), deadlineMs: 1000 });
    await ask(mine, 7, 'worker/stop', { graceMs: 0 });
    expect(states).toEqual([{ pid: 7 }, { pid: 7 }, { pid: 7 }]);
  });
});
