import { expect } from 'vitest';

import type { Principal, WorkerRef } from '../../../src/index.js';
import { problemSchema } from '../../../src/protocol/browser.js';
import { inputId } from '../runtime.js';
import { socketClient } from '../socket-client.js';
import type { SocketClient } from '../socket-client.js';

import type { AuthorizationHost } from './host.js';
import type { Operation } from './rules.js';
import { operations, statusesOf } from './rules.js';

/** One principal's way to a host. */
export interface Way extends AsyncDisposable {
  /** The code that it is told, or `accepted`. */
  perform(operation: Operation, worker: WorkerRef): Promise<string>;
}

export interface Transport {
  readonly name: string;
  readonly operations: readonly Operation[];
  open(host: AuthorizationHost, principal: Principal): Promise<Way>;
}

const requestOf: Readonly<Record<Operation, (url: string) => readonly [path: string, method?: string, body?: object]>> =
  {
    worker: (url) => [url],
    transcript: (url) => [`${url}/transcript`],
    observations: (url) => [`${url}/observations`],
    observe: (url) => [`${url}/observations/stream`],
    input: (url) => [`${url}/inputs`, 'POST', { text: 'x' }],
    answer: (url) => [`${url}/questions/q/answer`, 'POST', { text: 'x' }],
    cancel: (url) => [`${url}/inputs/${inputId()}/cancel`, 'POST'],
    reconnect: (url) => [`${url}/reconnect`, 'POST'],
    stop: (url) => [`${url}/stop`, 'POST'],
    delete: (url) => [url, 'DELETE'],
  };

/** The code of an answer, whose status is the one of that code. */
export async function codeOf(response: Response): Promise<string> {
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  const code = isProblem ? problemSchema.parse(await response.json()).code : 'accepted';
  expect(statusesOf[code] ?? code).toContain(response.status);
  if (!isProblem) await response.body?.cancel();
  return code;
}

const http: Transport = {
  name: 'HTTP',
  operations,
  open: async (host, principal) => ({
    perform: async (operation, { workerId }) =>
      codeOf(await host.ask(principal, ...requestOf[operation](`/workers/${workerId}`))),
    [Symbol.asyncDispose]: async () => undefined,
  }),
};

async function subscribed(client: SocketClient, id: string, worker: WorkerRef): Promise<string> {
  client.say({ type: 'subscribe', id, ...worker });
  for (;;) {
    const message = await client.next();
    if (!('id' in message) || message.id !== id) continue;
    if (message.type === 'problem') return message.code;
    if (message.type !== 'snapshot') continue;
    client.say({ type: 'unsubscribe', id });
    return 'accepted';
  }
}

const webSocket: Transport = {
  name: 'WebSocket',
  operations: ['observe'],
  async open(host, principal) {
    const client = await socketClient(host.url, { token: host.tokenOf(principal) });
    let count = 0;
    return {
      perform: (_operation, worker) => subscribed(client, `s${++count}`, worker),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};

export const transports: readonly Transport[] = [http, webSocket];
