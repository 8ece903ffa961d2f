import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { httpHandler } from '../../../../src/adapters/browser-gateway/http/index.js';
import type { FuzzedRequest } from '../../../support/fuzz/request-arbitrary.js';
import { fuzzedRequest } from '../../../support/fuzz/request-arbitrary.js';
import { runtimeId, scriptedGateway, workerId } from '../../../support/scripted-gateway.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const gateway = scriptedGateway();
const handler = httpHandler({ gateway });
const requests = fc.sample(fuzzedRequest({ runtimeId, workerIds: [workerId] }), { numRuns: 500, seed: 7 });

async function ask({ method, target, headers, body }: FuzzedRequest): Promise<void> {
  const mayHaveBody = method !== 'GET' && method !== 'HEAD' && body !== undefined;
  const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  let request: Request;
  try {
    request = new Request(`http://127.0.0.1:7420${target}`, mayHaveBody ? { ...init, body } : init);
  } catch {
    return;
  }
  await (await handler(request, { localPort: 7420 })).body?.cancel();
}

async function askAll(times: number): Promise<void> {
  for (let round = 0; round < times; round += 1) for (const request of requests) await ask(request);
  for (const kept of [gateway.commands, gateway.queries, gateway.observed]) kept.splice(0);
}

/** What is left when everything is collected that can be: it takes more than one turn. */
async function heap(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

test('10,000 requests leave the heap within a tenth of what it was', async () => {
  await askAll(4);
  const before = await heap();
  await askAll(20);
  expect((await heap()) / before).toBeLessThan(1.1);
});
