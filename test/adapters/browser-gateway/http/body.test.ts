import { describe, expect, it } from 'vitest';

import { problemSchema } from '../../../../src/protocol/browser.js';
import { serving, workerUrl } from '../../../support/http.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { scriptedGateway } from '../../../support/scripted-gateway.js';

const url = `${workerUrl}/inputs`;
const json = { 'content-type': 'application/json' };
const codeOf = async (response: Response) => problemSchema.parse(await response.json()).code;

function inPieces(...pieces: readonly Uint8Array[]) {
  return { method: 'POST', body: new Blob(pieces as Uint8Array<ArrayBuffer>[]).stream(), duplex: 'half' } as const;
}
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('the body of a request', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'is taken as %s',
    async (type) => {
      const { post } = serving(scriptedGateway());
      expect((await post(url, { text: 'x' }, { 'content-type': type })).status).toBe(202);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'application/jsonx'])(
    'as %s answers 415',
    async (type) => {
      const { post } = serving(scriptedGateway());
      const response = await post(url, { text: 'x' }, { 'content-type': type });
      expect([response.status, await codeOf(response)]).toEqual([415, 'media-type-unsupported']);
    },
  );

  it('without a type, or compressed, answers 415', async () => {
    const { ask, post } = serving(scriptedGateway());
    const untyped = await ask(url, inPieces(utf8('{"text":"x"}')));
    const compressed = await post(url, { text: 'x' }, { 'content-encoding': 'gzip' });
    const untypedStop = await ask(`${workerUrl}/stop`, inPieces(utf8('{"graceMs":1}')));
    expect([untyped.status, compressed.status, untypedStop.status]).toEqual([415, 415, 415]);
  });

  it('that comes in pieces is read as one, and counted in bytes', async () => {
    const gateway = scriptedGateway();
    const { ask } = serving(gateway, { options: { bodyBytes: 16 } });
    const whole = utf8('{"text":"é日"}');
    const taken = await ask(url, { ...inPieces(whole.subarray(0, 10), whole.subarray(10)), headers: json });
    const more = await ask(url, { ...inPieces(whole, utf8(' ')), headers: json });
    expect([taken.status, more.status]).toEqual([202, 413]);
    expect(gateway.commands).toMatchObject([{ parts: [{ text: 'é日' }] }]);
  });

  it('that is too large answers 413 with the limit, by its declared length before it is read', async () => {
    let isRead = false;
    const body = new ReadableStream({ pull: () => void (isRead = true) }, { highWaterMark: 0 });
    const { ask } = serving(scriptedGateway(), { options: { bodyBytes: 100 } });
    const init = { method: 'POST', body, duplex: 'half', headers: { ...json, 'content-length': '101' } } as const;
    const response = await ask(url, init);
    expect(problemSchema.parse(await response.json())).toMatchObject({
      code: 'input-too-large',
      status: 413,
      limit: 100,
    });
    expect(isRead).toBe(false);
  });

  it('that is longer than it says answers 413', async () => {
    const { ask } = serving(scriptedGateway(), { options: { bodyBytes: 12 } });
    const headers = { ...json, 'content-length': '12' };
    const response = await ask(url, { method: 'POST', body: '{"text":"four"}', headers });
    expect([response.status, await codeOf(response)]).toEqual([413, 'input-too-large']);
  });

  it('that is no UTF-8 answers 400 request-invalid', async () => {
    const { ask } = serving(scriptedGateway());
    const broken = new Uint8Array([...utf8('{"text":"'), 0xc3, 0x28, ...utf8('"}')]);
    const response = await ask(url, { ...inPieces(broken), headers: json });
    expect([response.status, await codeOf(response)]).toEqual([400, 'request-invalid']);
  });

  it('that breaks off answers 400 request-invalid', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) });
    const { ask } = serving(scriptedGateway());
    const response = await ask(url, { method: 'POST', body, duplex: 'half', headers: json });
    expect([response.status, await codeOf(response)]).toEqual([400, 'request-invalid']);
  });

  it.each([{}, { 'content-length': '20' }])('that does not come in time answers 408: %j', async (declared) => {
    const clock = virtualClock();
    const { ask } = serving(scriptedGateway(), { clock, options: { bodyTimeoutMs: 500 } });
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(utf8('{')) }, { highWaterMark: 0 });
    const slow = body.pipeThrough(new TransformStream({ transform: () => new Promise(() => undefined) }));
    const init = { method: 'POST', body: slow, duplex: 'half', headers: { ...json, ...declared } } as RequestInit;
    const asked = ask(url, init);
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(500);
    const response = await asked;
    expect([response.status, await codeOf(response)]).toEqual([408, 'request-timeout']);
    expect(clock.pending).toBe(0);
  });
});
