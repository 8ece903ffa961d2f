import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { httpHandler, webSocketUpgrade } from '../../../../src/adapters/browser-gateway/http/index.js';
import { problemSchema } from '../../../../src/protocol/browser.js';
import { scriptedGateway } from '../../../support/scripted-gateway.js';
import { socketClient } from '../../../support/socket-client.js';
import { knowsGood, socketServer } from '../../../support/socket-server.js';
import { serving, api } from '../../../support/http.js';

const path = '/api/v1/socket';

interface Asked {
  readonly path?: string;
  readonly method?: string;
  /** Replaces a header; `undefined` leaves it out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Asks for an upgrade by hand; answers the status and, of a refusal, its code. */
async function ask(port: number, { path: to = path, method = 'GET', headers = {} }: Asked) {
  const fields: Record<string, string | undefined> = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'workport.v1',
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => (value === undefined ? '' : `${name}: ${value}\r\n`));
  const socket = connect(port, '127.0.0.1');
  socket.write(`${method} ${to} HTTP/1.1\r\n${lines.join('')}\r\n`);
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.startsWith('HTTP/1.1 101')) break;
  }
  socket.destroy();
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const status = Number(head.split(' ')[1]);
  return {
    status,
    head: head.toLowerCase(),
    code: status === 101 ? undefined : problemSchema.parse(JSON.parse(body)).code,
  };
}

describe('an upgrade to a WebSocket', () => {
  it('speaks workport.v1 and compresses nothing', async () => {
    await using server = await socketServer();
    const { status, head } = await ask(server.listener.port, {
      headers: { 'Sec-WebSocket-Protocol': 'other, workport.v1', 'Sec-WebSocket-Extensions': 'permessage-deflate' },
    });
    expect(status).toBe(101);
    expect(head).toContain('sec-websocket-protocol: workport.v1');
    expect(head).not.toContain('sec-websocket-extensions');
  });

  it.each([
    ['its own origin', { Origin: 'http://own' }, { Host: 'own' }],
    ['a listed origin', { Origin: 'https://listed.example' }, {}],
    ['a listed name', {}, { Host: 'own' }],
  ])('%s is let in', async (_name, origin, host) => {
    await using server = await socketServer({ options: { hosts: ['own'], origins: ['https://listed.example'] } });
    expect((await ask(server.listener.port, { headers: { ...origin, ...host } })).status).toBe(101);
  });

  it.each([
    ['a foreign origin', { Origin: 'https://evil.example' }, 403, 'forbidden'],
    ['the origin of another port', { Origin: 'http://127.0.0.1:1' }, 403, 'forbidden'],
    ['the origin null', { Origin: 'null' }, 403, 'forbidden'],
    ['a foreign name', { Host: 'rebound.example' }, 403, 'forbidden'],
    ['a name that is none', { Host: 'a b<>' }, 400, 'request-invalid'],
    ['no name', { Host: undefined }, 400, 'request-invalid'],
    ['another subprotocol', { 'Sec-WebSocket-Protocol': 'workport.v2' }, 400, 'request-invalid'],
    ['no subprotocol', { 'Sec-WebSocket-Protocol': undefined }, 400, 'request-invalid'],
    ['a list of subprotocols that is none', { 'Sec-WebSocket-Protocol': 'workport.v1,,' }, 400, 'request-invalid'],
    ['another protocol', { Upgrade: 'h2c' }, 400, 'request-invalid'],
    ['another version', { 'Sec-WebSocket-Version': '7' }, 400, 'request-invalid'],
    ['no key', { 'Sec-WebSocket-Key': undefined }, 400, 'request-invalid'],
  ])('%s is refused with a Problem', async (_name, headers, status, code) => {
    await using server = await socketServer();
    const answer = await ask(server.listener.port, { headers });
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.head).toContain('x-content-type-options: nosniff');
    expect(answer.head).toContain('connection: close');
  });

  it.each(['/', '/api/v1', '/api/v1/socket/', '/api/v1/runtimes', '/healthz', '//x/api/v1/sockets'])(
    'to %s is refused with 404 route-unknown',
    async (to) => {
      await using server = await socketServer();
      const { status, code } = await ask(server.listener.port, { path: to });
      expect([status, code]).toEqual([404, 'route-unknown']);
    },
  );

  it('by another method is refused', async () => {
    await using server = await socketServer();
    expect((await ask(server.listener.port, { method: 'POST' })).code).toBe('request-invalid');
  });

  it('while draining is refused with 503 runtime-draining', async () => {
    const handler = httpHandler({ gateway: scriptedGateway() });
    const server = createServer().on('upgrade', webSocketUpgrade(handler));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    handler.drain();
    const { status, code } = await ask(port, {});
    expect([status, code]).toEqual([503, 'runtime-draining']);
    server.close();
  });

  it('a request for its place without an upgrade is 400 request-invalid', async () => {
    const { ask: get } = serving(scriptedGateway());
    const response = await get(`${api}/socket`);
    expect([response.status, problemSchema.parse(await response.json()).code]).toEqual([400, 'request-invalid']);
    expect((await get(`${api}/socket`, { method: 'POST' })).status).toBe(405);
  });

  it('attaches to a server of the host’s own with one function', async () => {
    const gateway = scriptedGateway();
    const handler = httpHandler({
      gateway,
      authenticator: { authenticate: knowsGood },
      gatewayFor: () => gateway,
    });
    const server = createServer().on('upgrade', webSocketUpgrade(handler));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await using client = await socketClient(`http://127.0.0.1:${port}`, { token: 'good' });
    client.say('nonsense');
    expect(await client.next()).toEqual({ type: 'problem', code: 'request-invalid', outcome: 'rejected' });
    handler.drain();
    expect(await client.closed).toEqual({ code: 1001, reason: 'server-draining' });
    server.close();
  });

  it('counts as a connection as long as it is open', async () => {
    await using server = await socketServer({ listening: { connections: 1 } });
    const { url } = server.listener;
    await using client = await server.connect();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await client[Symbol.asyncDispose]();
    await expect
      .poll(() =>
        fetch(`${url}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });
});
