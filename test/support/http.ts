import type { HttpDependencies } from '../../src/adapters/browser-gateway/http/index.js';
import { httpHandler } from '../../src/adapters/browser-gateway/http/index.js';
import type { Principal } from '../../src/ports/authenticator.js';

import { askedBy, checkResponse } from './openapi/exchange.js';
import { runtimeId, workerId } from './scripted-gateway.js';
import type { ScriptedGateway } from './scripted-gateway.js';

export const api = 'http://127.0.0.1:7420/api/v1';
export const workersUrl = `${api}/runtimes/${runtimeId}/workers`;
export const workerUrl = `${workersUrl}/${workerId}`;

export const everything: Principal = { id: 'tester', scopes: ['read', 'input', 'control'] };

/** A handler that knows one token, `good`, and a function that asks it: what goes through it is as the document says. */
export function serving(
  gateway: ScriptedGateway,
  more: Partial<Pick<HttpDependencies, 'logger' | 'clock' | 'options'>> = {},
) {
  const handler = httpHandler({
    gateway,
    authenticator: { authenticate: async (token) => (token === 'good' ? { principal: everything } : undefined) },
    gatewayFor: () => gateway,
    ...more,
  });
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', 'Bearer good');
    const response = await handler(new Request(url, { ...init, headers }), { localPort: 7420 });
    if (!init.signal?.aborted) await checkResponse(askedBy(url, { ...init, headers }), response);
    return response;
  };
  const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    ask(url, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { handler, ask, post };
}
