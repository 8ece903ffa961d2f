import { randomUUID } from 'node:crypto';

import { httpHandler, listen } from '../../../src/adapters/browser-gateway/http/index.js';
import { WorkerId } from '../../../src/domain/ids.js';
import { createRuntime, generatorBackend, scoped, text } from '../../../src/index.js';
import type { Principal, RuntimeOptions, Scope, WorkerRef } from '../../../src/index.js';
import { createWorker, ref } from '../runtime.js';

import type { Filter, Kind } from './rules.js';
import { filters, hidden, offered } from './rules.js';

const echo = (id: string) =>
  generatorBackend({
    id,
    run: async function* ({ parts }, { signal }) {
      const [part] = parts;
      const prompt = part?.type === 'text' ? part.text : '';
      if (prompt === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield text(prompt);
    },
  });

export const principalOf = (scopes: readonly Scope[], filter: Filter): Principal => ({
  id: `${scopes.join('+')}/${filter}`,
  scopes,
  ...filters[filter],
});

/** A Runtime with two profiles, served to principals whose tokens are their JSON. */
export async function authorizationHost(limits: RuntimeOptions['limits'] = {}) {
  const profiles = {
    [offered]: { label: 'Offered', backend: echo('one') },
    [hidden]: { label: 'Hidden', backend: echo('two') },
  };
  const runtime = createRuntime({ profiles, limits });
  const tokenOf = (principal: Principal): string => Buffer.from(JSON.stringify(principal)).toString('base64url');
  const handler = httpHandler({
    gateway: runtime,
    authenticator: {
      authenticate: async (token) => ({
        principal: JSON.parse(Buffer.from(token, 'base64url').toString()) as Principal,
      }),
    },
    gatewayFor: (principal) => scoped(runtime, principal),
  });
  const listener = await listen({ handler });
  const runtimeUrl = `${listener.url}/api/v1/runtimes/local`;
  const everything: readonly Scope[] = ['read', 'input', 'control'];
  /** A Worker as its creator would have made it. */
  const create = (creator: string, profile: string, prompt?: string): Promise<WorkerRef> =>
    createWorker(scoped(runtime, { id: creator, scopes: everything }), profile, prompt);
  return {
    runtime,
    url: listener.url,
    runtimeUrl,
    tokenOf,
    create,
    worker: async (kind: Kind, principal: Principal): Promise<WorkerRef> =>
      kind === 'unknown'
        ? ref(WorkerId(randomUUID()))
        : create(kind.startsWith('own') ? principal.id : 'somebody', kind.endsWith('hidden') ? hidden : offered),
    ask: (principal: Principal, path: string, method = 'GET', body?: object, headers: Record<string, string> = {}) =>
      fetch(runtimeUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${tokenOf(principal)}`,
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      }),
    async [Symbol.asyncDispose]() {
      await listener.close({ graceMs: 0 });
      await runtime[Symbol.asyncDispose]();
    },
  };
}
export type AuthorizationHost = Awaited<ReturnType<typeof authorizationHost>>;
