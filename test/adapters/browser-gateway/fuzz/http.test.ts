import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { FuzzHost } from '../../../support/fuzz/fuzz-host.js';
import { fuzzHost } from '../../../support/fuzz/fuzz-host.js';
import type { FuzzedRequest } from '../../../support/fuzz/request-arbitrary.js';
import { fuzzedRequest } from '../../../support/fuzz/request-arbitrary.js';
import { fuzzed } from '../../../support/fuzz/settings.js';
import { askedBy, checkResponse } from '../../../support/openapi/exchange.js';

let host: FuzzHost;
beforeAll(async () => {
  host = await fuzzHost();
});
afterAll(() => host[Symbol.asyncDispose]());

/** `undefined`: it is no request that can be made here. */
function initOf({ method, headers, body }: FuzzedRequest): RequestInit | undefined {
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  try {
    return {
      method,
      headers: new Headers(headers.map(([name, value]) => [name, value])),
      ...(mayHaveBody && body !== undefined && { body }),
    };
  } catch {
    return undefined;
  }
}

async function ask(made: FuzzedRequest): Promise<void> {
  const url = `http://127.0.0.1:7420${made.target}`;
  const init = initOf(made);
  if (!init) return;
  const response = await host.handler(new Request(url, init), { localPort: 7420 });
  await checkResponse(askedBy(url, init), response);
  await response.body?.cancel();
  expect(host.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

test('B1: a page may be asked for from the start, as the document says', async () => {
  const { runtimeId, workerIds } = host.known;
  const target = `/api/v1/runtimes/${runtimeId}/workers/${String(workerIds[0])}/observations?after=start`;
  await ask({ method: 'GET', target, headers: [['authorization', 'Bearer good']], body: undefined });
});

test('B1: any request is answered as the document says, and none shows a defect', async () => {
  await fc.assert(fc.asyncProperty(fuzzedRequest(host.known), ask), fuzzed(1_500));
});
