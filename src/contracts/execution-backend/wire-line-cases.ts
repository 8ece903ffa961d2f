import assert from 'node:assert/strict';

import { turn } from '../turn.js';
import type { WireCaseDefinition } from './case-definition.js';
import { newInputId, newWorkerId } from './stage.js';
import { complained } from './wire-complaints.js';
import type { WirePeer } from './wire-peer.js';
import { initializeParams } from './wire-stage.js';

const newLine = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;

/** A request that every backend answers and that changes nothing, as long as is asked for where it is padded. */
const harmless = (id: string | number, bytes = 0): string => {
  const params = { workerId: newWorkerId(), generation: 1, graceMs: 0 };
  const padded = (padding: string): string => newLine({ id, method: 'worker/stop', params: { ...params, padding } });
  return padded('.'.repeat(Math.max(0, bytes + 1 - padded('').length)));
};

/** The backend reads and answers. */
async function answers(peer: WirePeer): Promise<void> {
  const id = peer.newId();
  peer.sendText(harmless(id));
  await peer.answer(id, 'worker/stop');
}

const wrongLines: readonly { readonly what: string; readonly line: string; readonly id: `EB-WIRE-${string}` }[] = [
  { id: 'EB-WIRE-020', what: 'not JSON', line: 'hello' },
  { id: 'EB-WIRE-021', what: 'JSON but no object', line: '42' },
  { id: 'EB-WIRE-022', what: 'an object but not JSON-RPC', line: '{"hello":1}' },
];

/** One is named and forgiven, and so is a second one; the third ends the connection. */
const wrongLine = ({ id, what, line }: (typeof wrongLines)[number]): WireCaseDefinition => ({
  id,
  title: `a line that is ${what} is named as wrong and forgiven twice; the third one closes the connection`,
  rules: ['E1'],
  async run(stage) {
    const peer = await stage.open();
    for (let count = 0; count < 2; count += 1) {
      peer.sendText(`${line}\n`);
      await complained(peer);
      await answers(peer);
    }
    peer.sendText(`${line}\n`);
    await peer.closed();
  },
});

export const wireLineCases: readonly WireCaseDefinition[] = [
  {
    id: 'EB-WIRE-010',
    title: 'a line that comes in pieces is read as one',
    rules: ['E1'],
    async run(stage) {
      const peer = await stage.open();
      const id = peer.newId();
      const line = harmless(id);
      for (let from = 0; from < line.length; from += 7) {
        peer.sendText(line.slice(from, from + 7));
        await turn();
      }
      assert.notEqual((await peer.answer(id, 'worker/stop')).result, undefined);
    },
  },
  {
    id: 'EB-WIRE-011',
    title: 'lines that come at once are all answered, each under its id, however their characters are cut',
    rules: ['E1'],
    async run(stage) {
      const peer = await stage.open();
      const ids = Array.from({ length: 96 }, (_, index) => `${index}:${'€'.repeat(900)}😀`);
      peer.sendText(ids.map((id) => harmless(id)).join(''));
      for (const id of ids) await peer.answer(id, 'one of many requests in one write');
    },
  },
  {
    id: 'EB-WIRE-012',
    title: 'an unknown method is answered -32601',
    rules: ['E3'],
    async run(stage) {
      const peer = await stage.open();
      const { error, result } = await peer.request('worker/unheard-of', { workerId: newWorkerId(), generation: 1 });
      assert.deepEqual([error?.code, result], [-32601, undefined]);
      await answers(peer);
    },
  },
  {
    id: 'EB-WIRE-013',
    title: 'an error has a fixed text, with a kind and a correlation id beside it, and says nothing of what was sent',
    rules: ['E2', 'B2'],
    async run(stage) {
      const peer = await stage.open();
      const methods = ['worker/first-word', 'worker/second-word'];
      const errors = [];
      for (const method of methods) errors.push((await peer.request(method, { hello: 'third-word' })).error);
      const [first, second] = errors;
      assert.equal(first?.message, second?.message, 'the text is the same');
      for (const data of [first?.data, second?.data])
        assert.deepEqual([typeof data?.['kind'], typeof data?.['correlationId']], ['string', 'string']);
      assert.ok(!/(first|second|third)-word/.test(JSON.stringify(errors)), 'nothing of the request is in an error');
    },
  },
  {
    id: 'EB-WIRE-014',
    title: 'unknown notifications are ignored, however many come, and none is answered',
    rules: ['E3'],
    async run(stage) {
      const peer = await stage.open();
      for (let count = 0; count < 8; count += 1) peer.notify('$/unheard-of', { count });
      await answers(peer);
      const errors = peer.heard.filter(({ message }) => message?.error !== undefined);
      assert.deepEqual(errors, []);
    },
  },
  {
    id: 'EB-WIRE-015',
    title: 'unknown fields are ignored, in every message and at every depth',
    rules: ['E3'],
    async run(stage) {
      const peer = await stage.connect({ acknowledges: false });
      const more = { unheardOf: { of: ['any', 'form', null] } };
      const options = initializeParams() as { readonly limits: object };
      const limits = { ...options.limits, ...more };
      await peer.result('initialize', { ...options, ...more, limits });
      peer.send({ method: 'initialized', params: more, ...more });
      const named = { workerId: newWorkerId(), generation: 1, ...more };
      const ask = async (id: string, method: string, params: object): Promise<unknown> => {
        peer.send({ id, method, params: { ...named, ...params }, ...more });
        return (await peer.answer(id, method)).result?.outcome;
      };
      assert.equal(await ask('spawn', 'worker/spawn', { profile: { ...stage.profile, ...more } }), 'connected');
      const inputId = newInputId();
      const parts = stage.inputs.completes().map((part) => ({ ...part, ...more }));
      assert.equal(await ask('input', 'worker/input', { inputId, parts }), 'accepted');
      const { events } = peer.stream(named.workerId, 1);
      await peer.until(() => events.some(({ event }) => event.type === 'run-ended'), 'run-ended');
      peer.acknowledge(named.workerId, 1, events.at(-1)?.sequence ?? 0, more);
      assert.equal(await ask('again', 'worker/input', { inputId: newInputId(), parts }), 'accepted');
    },
  },
  {
    id: 'EB-WIRE-016',
    title: 'a part of a private kind is ignored: the input runs to its end',
    rules: ['E3'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = newInputId();
      const parts = [{ type: '_private', of: 'any form' }, ...stage.inputs.completes()];
      assert.equal((await worker.result('worker/input', { inputId, parts })).outcome, 'accepted');
      assert.equal((await worker.ended(inputId)).event['end'], 'completed');
    },
  },
  {
    id: 'EB-WIRE-017',
    title: 'a part of an unknown kind that is not private is answered -32602, and nothing runs',
    rules: ['E3'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = newInputId();
      const parts = [{ type: 'unheard-of' }, ...stage.inputs.completes()];
      const { error, result } = await worker.request('worker/input', { inputId, parts });
      assert.deepEqual([error?.code, result], [-32602, undefined]);
      await worker.completes();
      assert.deepEqual(worker.eventsOf(inputId), []);
    },
  },
  {
    id: 'EB-WIRE-018',
    title: 'a request without its params is answered, not as accepted, and the Worker goes on',
    rules: ['E2', 'W18'],
    async run(stage) {
      const worker = await stage.worker();
      for (const params of [worker.named(), { workerId: worker.workerId }]) {
        const { result } = await worker.peer.request('worker/input', params);
        assert.notEqual(result?.outcome, 'accepted');
      }
      await worker.completes();
    },
  },
  {
    id: 'EB-WIRE-019',
    title: 'a batch is one wrong line: nothing of it is performed',
    rules: ['E1'],
    async run(stage) {
      const worker = await stage.worker();
      const inputId = newInputId();
      const input = { jsonrpc: '2.0', id: 'in-a-batch', method: 'worker/input' };
      const params = worker.named({ inputId, parts: stage.inputs.completes() });
      worker.peer.sendText(`${JSON.stringify([{ ...input, params }])}\n`);
      await complained(worker.peer);
      await worker.completes();
      assert.deepEqual(worker.eventsOf(inputId), []);
    },
  },
  ...wrongLines.map(wrongLine),
  {
    id: 'EB-WIRE-023',
    title: 'a line at the limit is read; a longer one is named as wrong and not performed, and the next one is read',
    rules: ['E1'],
    async run(stage) {
      const peer = await stage.open({ limits: { maxLineBytes: 4096 } });
      const { maxLineBytes } = peer.limits;
      const atLimit = peer.newId();
      peer.sendText(harmless(atLimit, maxLineBytes));
      assert.notEqual((await peer.answer(atLimit, 'a request at the limit')).result, undefined);
      const tooLong = peer.newId();
      peer.sendText(harmless(tooLong, maxLineBytes + 1));
      await complained(peer);
      await answers(peer);
      const performed = peer.heard.filter(({ message }) => message?.id === tooLong);
      assert.deepEqual(performed, []);
    },
  },
  {
    id: 'EB-WIRE-024',
    title: 'a line of three times the default limit is one wrong line, and the next one is read',
    rules: ['E1'],
    async run(stage) {
      const peer = await stage.open();
      for (let count = 0; count < 3; count += 1) peer.sendText('.'.repeat(1024 * 1024));
      peer.sendText('\n');
      await complained(peer);
      await answers(peer);
    },
  },
];
