import { describe, expect, it } from 'vitest';

import { decodeObservation, parseObservation } from '../../../../src/domain/observation/encoded.js';
import { Sequence, WorkerId } from '../../../../src/domain/ids.js';
import { rejected } from '../../../../src/domain/outcome.js';
import { problemSchema, responseSchemas } from '../../../../src/protocol/browser.js';
import { api, serving, workerUrl, workersUrl } from '../../../support/http.js';
import { encodedNotices } from '../../../support/observations.js';
import {
  cursorAt,
  runtimeId,
  runtimeView,
  scriptedGateway,
  workerId,
  workerView,
} from '../../../support/scripted-gateway.js';

const worker = { runtimeId, workerId };
const codeOf = async (response: Response) => problemSchema.parse(await response.json()).code;

describe('reads over HTTP', () => {
  it('every read answers 200 with the keys of its schema', async () => {
    const { ask } = serving(scriptedGateway());
    const read = async (url: string) => {
      const response = await ask(url);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      return response.json();
    };
    expect(responseSchemas.runtimes.parse(await read(`${api}/runtimes`))).toEqual({ runtimes: [runtimeView] });
    expect(responseSchemas.runtime.parse(await read(`${api}/runtimes/local`))).toEqual({ runtime: runtimeView });
    expect(responseSchemas.profiles.parse(await read(`${api}/runtimes/local/profiles`)).profiles).toHaveLength(1);
    expect(responseSchemas.workers.parse(await read(workersUrl))).toEqual({ workers: [workerView] });
    expect(responseSchemas.worker.parse(await read(workerUrl))).toEqual({ worker: workerView });
    expect(responseSchemas.transcript.parse(await read(`${workerUrl}/transcript`))).toEqual({ entries: [] });
    expect(await read(`${workerUrl}/observations`)).toEqual({ observations: [] });
  });

  it('the query of a read reaches the gateway in the types of the domain', async () => {
    const gateway = scriptedGateway();
    const { ask } = serving(gateway);
    await ask(`${workersUrl}?status=busy&after=${workerId.toUpperCase()}&limit=200`);
    await ask(`${workerUrl}/transcript?after=0&limit=500`);
    await ask(`${workerUrl}/observations?after=${cursorAt(4)}&limit=1`);
    expect(gateway.queries).toEqual([
      { type: 'workers', runtimeId, status: 'busy', after: workerId, limit: 200 },
      { type: 'transcript', worker, after: 0, limit: 500 },
      { type: 'observations', worker, after: cursorAt(4), limit: 1 },
    ]);
  });

  it('next and gap of a page are told', async () => {
    const gap = { from: Sequence(1), to: Sequence(4) };
    const encoded = encodedNotices(5, 6);
    const { ask } = serving(
      scriptedGateway({
        read: (query) => {
          if (query.type === 'transcript') return { outcome: 'answered', entries: [], next: Sequence(9), gap };
          if (query.type === 'workers') return { outcome: 'answered', workers: [], next: WorkerId(workerId) };
          return { outcome: 'answered', observations: encoded.map(decodeObservation), next: cursorAt(6), gap };
        },
      }),
    );
    expect(await (await ask(`${workerUrl}/transcript`)).json()).toEqual({ entries: [], next: 9, gap });
    expect(await (await ask(workersUrl)).json()).toEqual({ workers: [], next: workerId });
    const page: unknown = await (await ask(`${workerUrl}/observations`)).json();
    expect(page).toEqual({ observations: encoded.map(parseObservation), next: cursorAt(6), gap });
    expect(() => responseSchemas.observations.parse(page)).not.toThrow();
  });

  it('O7: the observations of a page are the bytes that they were encoded to', async () => {
    const encoded = encodedNotices(1, 3);
    const observations = encoded.map(decodeObservation);
    const { ask } = serving(scriptedGateway({ read: () => ({ outcome: 'answered', observations }) }));
    const text = await (await ask(`${workerUrl}/observations`)).text();
    expect(text).toBe(`{"observations":[${encoded.map(({ json }) => json).join(',')}]}`);
  });

  it.each(['0', '-1', '501', '1.5', '1e2', '', ' 1', '0x10', '99999999999999999999', 'ten'])(
    'a limit of %j answers 400 limit-invalid and asks nobody',
    async (limit) => {
      const gateway = scriptedGateway();
      const { ask } = serving(gateway);
      const response = await ask(`${workerUrl}/observations?limit=${encodeURIComponent(limit)}`);
      expect([response.status, await codeOf(response)]).toEqual([400, 'limit-invalid']);
      expect(gateway.queries).toEqual([]);
    },
  );

  it('P5: a position of the wrong form answers 400 cursor-invalid', async () => {
    const refused = scriptedGateway({ read: () => rejected('cursor-invalid') });
    const { ask } = serving(refused);
    for (const url of [
      `${workersUrl}?after=wo_1`,
      `${workerUrl}/transcript?after=-1`,
      `${workerUrl}/observations?after=x`,
    ]) {
      const response = await ask(url);
      expect([response.status, await codeOf(response)]).toEqual([400, 'cursor-invalid']);
    }
  });

  it.each([
    ['limit=1&limit=1', 'a key that comes twice'],
    ['status=asleep', 'a value that is not known'],
    ['foo=1', 'a key that is not known'],
    ['foo=1&limit=0', 'a key that is not known beside a bad limit'],
    ['__proto__=1', 'a key of the language'],
    ['access_token=good', 'a token, which has no place in a query'],
  ])('B1: %s answers 400 request-invalid: %s', async (query) => {
    const { ask } = serving(scriptedGateway());
    const response = await ask(`${workersUrl}?${query}`);
    expect([response.status, await codeOf(response)]).toEqual([400, 'request-invalid']);
  });

  it.each([
    [`${api}/runtimes/..%2f..%2fetc`, 'runtime-unknown'],
    [`${api}/runtimes/%E0%A4%A/profiles`, 'runtime-unknown'],
    [`${api}/runtimes/elsewhere`, 'runtime-unknown'],
    [`${workersUrl}/42`, 'worker-unknown'],
    [`${workersUrl}/42/transcript`, 'worker-unknown'],
    [`${workersUrl}/${workerId}%00/observations`, 'worker-unknown'],
    [`${workersUrl}/42/observations/stream`, 'worker-unknown'],
  ])('B4: %s answers 404 %s', async (url, code) => {
    const { ask } = serving(scriptedGateway());
    const response = await ask(url);
    expect([response.status, await codeOf(response)]).toEqual([404, code]);
  });

  it('B4: a Worker that the gateway does not show is not found', async () => {
    const { ask } = serving(scriptedGateway({ read: () => rejected('worker-unknown') }));
    const response = await ask(workerUrl);
    expect([response.status, await codeOf(response)]).toEqual([404, 'worker-unknown']);
  });
});
