import { once } from 'node:events';
import { Agent, request } from 'node:http';

import * as fc from 'fast-check';
import { WebSocket } from 'ws';

import { socketProtocol } from '../../../src/protocol/browser-socket.js';

import type { HeapHost } from './heap-host.js';
import { jsonTextBy } from './json-arbitrary.js';
import type { FuzzedRequest, Known } from './request-arbitrary.js';
import { fuzzedRequest } from './request-arbitrary.js';

/** Gives a host so many fuzzed inputs of one edge, and leaves when all are answered. */
export type Inputs = (host: HeapHost, count: number) => Promise<void>;

const concurrency = 16;

/** Bodies are as long as they say: those that never come are for the tests of raw bytes. */
function ask({ method, target, headers, body }: FuzzedRequest, port: number, agent: Agent): Promise<void> {
  return new Promise((resolve) => {
    const fields = Object.fromEntries(headers.filter(([name]) => name !== 'content-length'));
    let outgoing: ReturnType<typeof request>;
    try {
      outgoing = request({ port, host: '127.0.0.1', agent, method, path: target, headers: fields });
    } catch {
      // What Node's client does not send is sent by the tests of raw bytes.
      return resolve();
    }
    outgoing.on('response', (incoming) => {
      if (incoming.headers['content-type'] === 'text/event-stream') incoming.destroy();
      incoming.on('close', resolve).on('error', () => undefined);
      incoming.resume();
    });
    outgoing.on('error', () => resolve());
    outgoing.setTimeout(10_000, () => outgoing.destroy());
    outgoing.end(body);
  });
}

/** Texts and bodies of a few hundred kilobytes are for the other tests: here it is the number that counts. */
const isSmall = ({ target, body }: FuzzedRequest): boolean =>
  target.length < 2_000 && (body === undefined || body.length < 4_000);
/** An input that runs is ended by it, and Workers stay: what remains of them is no leak. */
const leavesWorkers = ({ method, target }: FuzzedRequest): boolean => method !== 'DELETE' && !target.includes('/stop');

export function httpInputs(known: Known, seed: number): Inputs {
  const arbitrary = fuzzedRequest(known).filter((made) => isSmall(made) && leavesWorkers(made));
  const made = fc.sample(arbitrary, { numRuns: 500, seed });
  let at = 0;
  return async ({ port }, count) => {
    const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
    let left = count;
    const askOn = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        at += 1;
        const next = made[at % made.length];
        if (next) await ask(next, port, agent);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, askOn));
    agent.destroy();
  };
}

const messagesPerSocket = 25;

export function socketInputs({ runtimeId, workerIds }: Known, seed: number): Inputs {
  const id = fc.stringMatching(/^[a-z]{1,8}$/);
  const subscribe = fc
    .tuple(id, fc.constantFrom(...workerIds), fc.constantFrom(undefined, 'start', 'x'))
    .map(([name, workerId, after]) => JSON.stringify({ type: 'subscribe', id: name, runtimeId, workerId, after }));
  const random = jsonTextBy({ $ref: '#/components/schemas/SocketRequest' }).filter((text) => text.length < 4_000);
  const made = fc.sample(fc.oneof(subscribe, random), { numRuns: 500, seed });
  let at = 0;
  const talk = async (port: number): Promise<void> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/socket`, socketProtocol);
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    await once(socket, 'open');
    socket.send('{"type":"authenticate","token":"good"}');
    for (let said = 0; said < messagesPerSocket; said += 1) socket.send(made[(at += 1) % made.length] ?? '');
    // The last subscription is answered when all before it are.
    socket.on('message', (data: Buffer) => {
      if (data.toString().includes('"id":"LAST"')) socket.close();
    });
    socket.send(JSON.stringify({ type: 'subscribe', id: 'LAST', runtimeId, workerId: workerIds[0] }));
    await closed;
  };
  return async ({ port }, count) => {
    for (let said = 0; said < count; said += messagesPerSocket * 4) {
      await Promise.all(Array.from({ length: 4 }, () => talk(port)));
    }
  };
}
