import { describe, expect, it } from 'vitest';

import { Sequence } from '../../../../src/domain/ids.js';
import { decodeObservation } from '../../../../src/domain/observation/encoded.js';
import { rejected } from '../../../../src/domain/outcome.js';
import type { Frame } from '../../../../src/ports/browser-gateway.js';
import { problemSchema, streamSchemas } from '../../../../src/protocol/browser.js';
import { frameSource } from '../../../support/frames.js';
import { serving, workerUrl } from '../../../support/http.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { encodedNotices, observationAt } from '../../../support/observations.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import {
  correlationId,
  cursorAt,
  runtimeId,
  scriptedGateway,
  workerId,
  workerView,
} from '../../../support/scripted-gateway.js';
import { sseReader } from '../../../support/sse-reader.js';

const streamUrl = `${workerUrl}/observations/stream`;
const snapshot: Frame = { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
const events = (from: number, to: number): Frame => ({
  type: 'events',
  observations: encodedNotices(from, to).map(decodeObservation),
});
const end: Frame = { type: 'end', code: 'worker-deleted' };
const problemOf = async (response: Response) => problemSchema.parse(await response.json());
const utf8 = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (!body) throw new Error('no body');
  return body;
}

describe('an SSE stream', () => {
  it('tells snapshot, observations, gap and end by the form of the design', async () => {
    const gap: Frame = { type: 'gap', from: Sequence(5), to: Sequence(9) };
    const source = frameSource(snapshot, events(3, 4), gap, { ...snapshot, cursor: cursorAt(9) }, end);
    const { ask } = serving(scriptedGateway(source));
    const response = await ask(streamUrl);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const told = await sseReader(bodyOf(response)).all();
    const encoded = encodedNotices(3, 4).map(({ json }) => json);
    expect(told).toEqual([
      { retry: '1000' },
      { id: cursorAt(2), event: 'snapshot', data: expect.any(String) as string },
      { id: cursorAt(3), event: 'observation', data: encoded[0] },
      { id: cursorAt(4), event: 'observation', data: encoded[1] },
      { event: 'gap', data: '{"from":5,"to":9}' },
      { id: cursorAt(9), event: 'snapshot', data: expect.any(String) as string },
      { event: 'end', data: '{"code":"worker-deleted"}' },
    ]);
    for (const { event, data } of told.slice(1)) {
      const schema = streamSchemas[event as keyof typeof streamSchemas];
      expect(() => schema.parse(JSON.parse(data ?? ''))).not.toThrow();
    }
    expect(source.released).toBe(1);
  });

  it('B1: what a frame holds beside its fields is not told', async () => {
    const more = { canary: 'CANARY' };
    const frames = [
      { ...snapshot, ...more },
      { type: 'gap', from: 1, to: 2, ...more },
      { ...end, ...more },
    ] as Frame[];
    const { ask } = serving(scriptedGateway(frameSource(...frames)));
    expect(await (await ask(streamUrl)).text()).not.toContain('CANARY');
  });

  it('line breaks of a program stay inside one event', async () => {
    const text = 'a\n\nevent: end\r\ndata: {}\u2028b';
    const observation = observationAt(3, { type: 'output', stream: 'stdout', text });
    const { ask } = serving(
      scriptedGateway(frameSource(snapshot, { type: 'events', observations: [observation] }, end)),
    );
    const told = await sseReader(bodyOf(await ask(streamUrl))).all();
    expect(told.map(({ event }) => event)).toEqual([undefined, 'snapshot', 'observation', 'end']);
    expect(JSON.parse(told[2]?.data ?? '')).toEqual(observation);
  });

  it('all observations of one frame are one write', async () => {
    const { ask } = serving(scriptedGateway(frameSource(snapshot, events(3, 102), end)));
    const writes: string[] = [];
    const body = bodyOf(await ask(streamUrl)).getReader();
    for (let read = await body.read(); !read.done; read = await body.read()) writes.push(utf8(read.value));
    expect(writes).toHaveLength(4);
    expect(writes[2]?.split('event: observation')).toHaveLength(101);
  });

  it('P3: of a large frame no more is made into bytes than the reader takes', async () => {
    const text = 'x'.repeat(30_000);
    let told = 0;
    const observations = Array.from({ length: 50 }, (_, index) => ({
      ...observationAt(3 + index, { type: 'output', stream: 'stdout', text }),
      get at() {
        told += 1;
        return '2026-11-30T00:00:00.000Z';
      },
    }));
    const { ask } = serving(scriptedGateway(frameSource(snapshot, { type: 'events', observations }, end)));
    const body = bodyOf(await ask(streamUrl)).getReader();
    for (let reads = 0; reads < 3; reads += 1) await body.read();
    expect(told).toBe(2);
    while (!(await body.read()).done);
    expect(told).toBe(50);
  });

  it('P5: Last-Event-ID wins over after, and start is a place', async () => {
    const gateway = scriptedGateway({
      observe: () => frameSource(end).observe(undefined, new AbortController().signal),
    });
    const { ask } = serving(gateway);
    await ask(`${streamUrl}?after=start`);
    await ask(`${streamUrl}?after=${cursorAt(4)}`, { headers: { 'last-event-id': cursorAt(7) } });
    await ask(streamUrl);
    expect(gateway.observed.map(({ from }) => from)).toEqual(['start', cursorAt(7), undefined]);
    expect(gateway.observed[0]?.worker).toEqual({ runtimeId, workerId });
  });

  it.each([
    [rejected('worker-unknown'), 404],
    [rejected('cursor-invalid'), 400],
    [rejected('cursor-unknown'), 404],
    [{ outcome: 'errored', code: 'log-unavailable', executed: 'no', correlationId }, 503],
  ] as const)('that is refused answers the Problem instead: %o', async (problem, status) => {
    const source = frameSource({ type: 'problem', problem });
    const { ask } = serving(scriptedGateway(source));
    const response = await ask(`${streamUrl}?after=x`);
    expect(response.status).toBe(status);
    expect((await problemOf(response)).code).toBe(problem.code);
    await expect.poll(() => source.released).toBe(1);
  });

  it('P5: after a cursor at the end of the log opens at once, without waiting for the next event', async () => {
    const source = frameSource();
    const { ask } = serving(scriptedGateway(source));
    const response = await ask(`${streamUrl}?after=${cursorAt(4)}`);
    expect(response.status).toBe(200);
    source.push(events(5, 5));
    expect(await sseReader(bodyOf(response)).take(1)).toMatchObject([{ id: cursorAt(5) }]);
  });

  it('P5: after a cursor that is not known answers the Problem, whichever way it is told', async () => {
    const refusing = scriptedGateway({ ...frameSource(), read: () => rejected('cursor-unknown') });
    const response = await serving(refusing).ask(`${streamUrl}?after=${cursorAt(4)}`);
    expect([response.status, (await problemOf(response)).code]).toEqual([404, 'cursor-unknown']);
  });

  it('B1: a query key that is not known answers 400 request-invalid', async () => {
    const { ask } = serving(scriptedGateway(frameSource(end)));
    expect((await problemOf(await ask(`${streamUrl}?limit=1`))).code).toBe('request-invalid');
  });

  it('P3: nothing is taken of the observer before the reader asks for it', async () => {
    const source = frameSource(snapshot, ...Array.from({ length: 50 }, (_, index) => events(3 + index, 3 + index)));
    const { ask } = serving(scriptedGateway(source));
    const reader = sseReader(bodyOf(await ask(streamUrl)));
    expect((await reader.next())?.retry).toBe('1000');
    expect((await reader.take(2)).map(({ id }) => id)).toEqual([cursorAt(2), cursorAt(3)]);
    expect(source.taken).toBeLessThanOrEqual(3);
  });

  it('says each 15 seconds that it lives, to a reader that waits', async () => {
    const clock = virtualClock();
    const source = frameSource(snapshot);
    const { ask } = serving(scriptedGateway(source), { clock });
    const reader = sseReader(bodyOf(await ask(streamUrl)));
    await reader.take(1);
    for (let beat = 0; beat < 3; beat += 1) {
      const waiting = reader.next();
      await clock.advance(15_000);
      expect(await waiting).toEqual({ comment: true });
    }
    source.push(end);
    expect(await reader.next()).toMatchObject({ event: 'end' });
    expect(clock.pending).toBe(0);
  });

  it('P3: a reader that takes nothing for 60 seconds is closed as slow-consumer, and everything is released', async () => {
    const clock = virtualClock();
    const source = frameSource(snapshot, events(3, 3), events(4, 4));
    const { ask } = serving(scriptedGateway(source), { clock });
    const reader = sseReader(bodyOf(await ask(streamUrl)));
    await reader.take(1);
    await clock.advance(59_999);
    expect(source.released).toBe(0);
    await clock.advance(1);
    await expect.poll(() => source.released).toBe(1);
    expect(clock.pending).toBe(0);
    const left = (await reader.all()).filter(({ comment }) => !comment);
    expect(left).toEqual([{ event: 'end', data: '{"code":"slow-consumer"}' }]);
  });

  it('P3: a reader that takes one piece of a large frame each minute is not slow', async () => {
    const clock = virtualClock();
    const source = frameSource(snapshot, events(3, 1500), end);
    const { ask } = serving(scriptedGateway(source), { clock });
    const body = bodyOf(await ask(streamUrl)).getReader();
    let text = '';
    for (let read = await body.read(); !read.done; read = await body.read()) {
      text += utf8(read.value);
      await clock.advance(59_000);
    }
    expect(text.split('event: observation')).toHaveLength(1499);
    expect(text.endsWith('event: end\ndata: {"code":"worker-deleted"}\n\n')).toBe(true);
  });

  it('a reader that leaves releases the observer, its timer and its place', async () => {
    const clock = virtualClock();
    const source = frameSource(snapshot);
    const { ask } = serving(scriptedGateway(source), { clock, options: { streams: 1 } });
    const reader = sseReader(bodyOf(await ask(streamUrl)));
    const second = await ask(streamUrl);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await problemOf(second)).code).toBe('quota-exceeded');
    await reader.take(1);
    await reader.cancel();
    await expect.poll(() => source.released).toBe(1);
    expect(clock.pending).toBe(0);
    source.push(end);
    expect((await ask(streamUrl)).status).toBe(200);
  });

  it('a caller that leaves before the first frame releases the observer and its place', async () => {
    const source = frameSource();
    const leaving = new AbortController();
    const { ask } = serving(scriptedGateway(source), { options: { streams: 1 } });
    const asked = ask(streamUrl, { signal: leaving.signal });
    const second = await ask(streamUrl);
    leaving.abort();
    await asked;
    await expect.poll(() => source.released).toBe(1);
    source.push(end);
    expect([second.status, (await ask(streamUrl)).status]).toEqual([429, 200]);
  });

  it('a drain ends live streams after what they began to tell, and later ones at once', async () => {
    const { ask, handler } = serving(
      scriptedGateway({
        observe: (_from, signal) => frameSource(snapshot, events(3, 1500)).observe(undefined, signal),
      }),
    );
    const waiting = sseReader(bodyOf(await ask(streamUrl)));
    const amid = sseReader(bodyOf(await ask(streamUrl)));
    await waiting.take(1499);
    await amid.take(2);
    handler.drain();
    const last = { event: 'end', data: '{"code":"server-draining"}' };
    expect(await waiting.all()).toEqual([last]);
    const rest = await amid.all();
    expect([rest.length, rest.at(-2)?.id, rest.at(-1)]).toEqual([1498, cursorAt(1500), last]);
    const late = sseReader(bodyOf(await ask(streamUrl)));
    expect(await late.all()).toEqual([{ retry: '1000' }, last]);
  });

  it('a drain in the middle of a letter loses nothing of it', async () => {
    const text = 'é'.repeat(60_000);
    const observations = [observationAt(3, { type: 'output', stream: 'stdout', text })];
    const source = frameSource(snapshot, { type: 'events', observations });
    const { ask, handler } = serving(scriptedGateway(source));
    const body = bodyOf(await ask(streamUrl)).getReader();
    const read: Uint8Array[] = [];
    for (let writes = 0; writes < 3; writes += 1) read.push((await body.read()).value ?? new Uint8Array());
    handler.drain();
    for (let step = await body.read(); !step.done; step = await body.read()) read.push(step.value);
    const [, observed = ''] = Buffer.concat(read).toString().split('event: observation\ndata: ');
    expect(JSON.parse(observed.split('\n\n')[0] ?? '')).toEqual(observations[0]);
    expect(observed.endsWith('event: end\ndata: {"code":"server-draining"}\n\n')).toBe(true);
  });

  it('a request that is aborted ends its stream and releases the observer', async () => {
    const source = frameSource(snapshot);
    const leaving = new AbortController();
    const { ask } = serving(scriptedGateway(source));
    const reader = sseReader(bodyOf(await ask(streamUrl, { signal: leaving.signal })));
    await reader.take(1);
    leaving.abort();
    expect(await reader.all()).toEqual([]);
    await expect.poll(() => source.released).toBe(1);
  });

  it('B2: an observer that throws ends the stream, and its cause is in the operator log alone', async () => {
    const logger = recordingLogger();
    const source = frameSource(snapshot);
    const { ask } = serving(scriptedGateway(source), { logger });
    const response = await ask(streamUrl);
    const cause = new Error('CANARY');
    source.fail(cause);
    expect((await response.text()).includes('CANARY')).toBe(false);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { cause } }]);
  });

  it('an observer that ends without a word ends the stream', async () => {
    const source = frameSource(snapshot);
    const { ask } = serving(scriptedGateway(source));
    const reader = sseReader(bodyOf(await ask(streamUrl)));
    source.finish();
    expect(await reader.all()).toHaveLength(2);
  });
});
