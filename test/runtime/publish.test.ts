import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/index.js';
import type { PublishResult, Recorded } from '../../src/index.js';
import { eventsPerTurn } from '../../src/runtime/event-turns.js';
import type { ObservationPublisher } from '../../src/ports/observation-publisher.js';
import { faultyLog } from '../support/faulty-log.js';
import { inputId } from '../support/runtime.js';
import { connected, delta, noticed } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import type { Scripted, ScriptedOptions } from '../support/scripted-runtime.js';

const taken = { outcome: 'taken' };
const refused = (code: string) => ({ outcome: 'refused', code });

/** An idle Worker whose log takes nothing until it is released. */
async function stalled(options: ScriptedOptions = {}) {
  const log = faultyLog(inMemoryLog());
  const host = scripted({ log, ...options });
  const worker = await host.idle();
  const fault = log.fault('hangs', { times: Infinity });
  return { host, worker, fault, publisher: host.backend.publisher() };
}

const isSettled = async (host: Scripted, promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(() => (settled = true));
  await host.clock.settle();
  return settled;
};

test('P1: events of a generation are recorded in the order of the calls, also where nobody awaits', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const publisher = host.backend.publisher();
  const texts = Array.from({ length: 300 }, (_, index) => `${index}`);
  for (const [index, text] of texts.entries()) {
    const published = publisher.publish(noticed(text));
    if (index % 3 === 0) await published;
  }
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(texts.map((text) => `notice ${text}`));
});

test('P1: each refusal has its code, and is told at once', async () => {
  await using host = scripted({ limits: { eventBytes: 1_000 } });
  await host.idle();
  const publisher = host.backend.publisher();
  expect(await publisher.publish({ type: 'worker-stopped', cause: 'user' } as never)).toEqual(refused('event-invalid'));
  expect(await publisher.publish(delta('a', inputId()))).toEqual(refused('no-open-run'));
  expect(await publisher.publish(noticed('x'.repeat(1_000)))).toEqual(refused('event-too-large'));
  expect(await publisher.publish(noticed('é'.repeat(490)))).toEqual(refused('event-too-large'));
  expect(await publisher.publish(noticed('x'.repeat(940)))).toEqual(taken);
  await publisher.disconnect({ kind: 'unknown' });
  expect(await publisher.publish(noticed('late'))).toEqual(refused('stale-generation'));
});

test('P1: a record tells once per append how far it is, with what was refused on the way', async () => {
  const { host, fault, publisher } = await stalled();
  const told: Recorded[] = [];
  publisher.onRecorded((upTo) => told.push(upTo));
  void publisher.publish(noticed('1'));
  await host.clock.settle();
  void publisher.publish(noticed('2'));
  void publisher.publish({ type: 'nonsense' } as never);
  void publisher.publish(noticed('4'));
  expect(told).toEqual([]);
  fault.clear();
  await host.clock.settle();
  expect(told).toEqual([{ sequence: 1 }, { sequence: 4, refused: [{ sequence: 3, code: 'event-invalid' }] }]);
  await host[Symbol.asyncDispose]();
});

test('P1, W9: an answer and an event that come while an append hangs keep their order behind what is held', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  host.backend.on('spawn');
  const reply = host.create();
  const { workerId, publisher, answer } = await host.backend.next('spawn');
  const fault = log.fault('hangs');
  void publisher.publish({ type: 'nonsense' } as never);
  await fault.hit;
  void publisher.publish(noticed('1'));
  answer(connected());
  await host.clock.settle();
  void publisher.publish(noticed('2'));
  fault.clear();
  expect(await reply).toMatchObject({ outcome: 'accepted' });
  await host.clock.settle();
  const story = await host.story({ runtimeId: host.runtime.runtimeId, workerId });
  expect(story.slice(1)).toEqual(['execution-connected', 'notice 1', 'notice 2']);
});

test('P2: publish waits while windowEvents are not recorded, and goes on when they are', async () => {
  const { host, worker, fault, publisher } = await stalled({ limits: { windowEvents: 4 } });
  const results = ['1', '2', '3', '4'].map((text) => publisher.publish(noticed(text)));
  expect(await Promise.all(results.slice(0, 3))).toEqual([taken, taken, taken]);
  expect(await isSettled(host, results[3] as Promise<PublishResult>)).toBe(false);
  fault.clear();
  expect(await results[3]).toEqual(taken);
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(['notice 1', 'notice 2', 'notice 3', 'notice 4']);
  await host[Symbol.asyncDispose]();
});

test('P2: publish waits while windowBytes are not recorded; one larger event goes alone', async () => {
  const { host, worker, fault, publisher } = await stalled({ limits: { windowBytes: 1_000 } });
  const large = publisher.publish(noticed('x'.repeat(5_000)));
  expect(await isSettled(host, large)).toBe(false);
  fault.clear();
  expect(await large).toEqual(taken);
  const next = await publisher.publish(noticed('small'));
  expect(next).toEqual(taken);
  await host.clock.settle();
  expect((await host.story(worker)).at(-1)).toBe('notice small');
  await host[Symbol.asyncDispose]();
});

test('P2: events that are held before their connection count in the window', async () => {
  await using host = scripted({ limits: { windowEvents: 2 } });
  host.backend.on('spawn');
  const reply = host.create();
  const { publisher, answer } = await host.backend.next('spawn');
  await publisher.publish(noticed('1'));
  const second = publisher.publish(noticed('2'));
  expect(await isSettled(host, second)).toBe(false);
  answer(connected());
  expect(await reply).toMatchObject({ outcome: 'accepted' });
  expect(await second).toEqual(taken);
});

const floods: readonly (readonly [string, object, (publisher: ObservationPublisher) => Promise<PublishResult>])[] = [
  ['twice windowEvents', { windowEvents: 8 }, (publisher) => publisher.publish(noticed('x'))],
  [
    'twice windowBytes',
    { windowBytes: 2_000, eventBytes: 500 },
    (publisher) => publisher.publish(noticed('x'.repeat(400))),
  ],
  ['twice windowEvents of nonsense', { windowEvents: 8 }, (publisher) => publisher.publish({ type: 'no' } as never)],
];
test.each(floods)(
  'P2, W16: who goes on past %s has its generation closed and is released',
  async (_, limits, publish) => {
    const { host, worker, fault, publisher } = await stalled({ limits });
    const results = Array.from({ length: 30 }, () => publish(publisher));
    const outcomes = (await Promise.all(results)).map((result) => JSON.stringify(result));
    expect(outcomes.at(-1)).toBe(JSON.stringify(refused('stale-generation')));
    fault.clear();
    await host.clock.settle();
    expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
    expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
    await host[Symbol.asyncDispose]();
  },
);

test('P2: who awaits each publish is never closed, whatever it publishes', async () => {
  await using host = scripted({ limits: { windowEvents: 2 } });
  const worker = await host.idle();
  const publisher = host.backend.publisher();
  for (let index = 0; index < 50; index += 1) {
    await publisher.publish(index % 2 === 0 ? ({ type: 'no' } as never) : noticed(`${index}`));
  }
  await host.clock.settle();
  expect((await host.view(worker)).status).toBe('idle');
});

test('P2: a publisher that waits for room is released when its generation ends', async () => {
  const { host, worker, fault, publisher } = await stalled({ limits: { windowEvents: 1 } });
  const waiting = publisher.publish(noticed('1'));
  expect(await isSettled(host, waiting)).toBe(false);
  await publisher.disconnect({ kind: 'code', value: 0 });
  expect(await waiting).toEqual(taken);
  fault.clear();
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(['notice 1', 'execution-disconnected exited']);
  await host[Symbol.asyncDispose]();
});

test('P2, W19: a publisher that waits for room is released when the log fails', async () => {
  const { host, publisher } = await stalled({ limits: { windowEvents: 1 } });
  const waiting = publisher.publish(noticed('1'));
  expect(await isSettled(host, waiting)).toBe(false);
  await host.clock.advance(10_000);
  expect(await waiting).toEqual(taken);
  expect(await publisher.publish(noticed('2'))).toEqual(refused('log-unavailable'));
  await host[Symbol.asyncDispose]();
});

test('O5: events that no input caused are taken at any time while connected and change no status', async () => {
  await using host = scripted();
  const { worker } = await host.busy();
  await host.backend.publisher().publish(noticed('beside the run'));
  await host.clock.settle();
  expect((await host.view(worker)).status).toBe('busy');
  expect((await host.story(worker)).at(-1)).toBe('notice beside the run');
});

test('P1: events that come one microtask after the other are appended together, in their order', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const publisher = host.backend.publisher();
  let appends = 0;
  publisher.onRecorded(() => (appends += 1));
  for (let index = 0; index < 100; index += 1) await publisher.publish(noticed(`${index}`));
  await host.clock.settle();
  expect(appends).toBe(1);
  expect((await host.story(worker)).slice(2)).toEqual(Array.from({ length: 100 }, (_, index) => `notice ${index}`));
});

test('P1: what was published before a command is recorded before what the command does', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const publisher = host.backend.publisher();
  await publisher.publish(noticed('first'));
  await Promise.resolve();
  const stopped = host.runtime.execute({ type: 'stop', worker });
  expect(await stopped).toMatchObject({ outcome: 'accepted' });
  expect((await host.story(worker))[2]).toBe('notice first');
});

/** Calls `publish` over and over, until a timer rings or it was called so often. */
async function untilTurn(publish: (index: number) => Promise<unknown> | undefined, most: number): Promise<boolean> {
  const turns: true[] = [];
  setTimeout(() => turns.push(true), 0);
  for (let index = 0; index < most && turns.length === 0; index += 1) await publish(index);
  return turns.length > 0;
}

test.each([1, 1024])(
  'W16: who publishes without end and awaits each event lets everything else have its turn, with a window of %i',
  async (windowEvents) => {
    await using host = scripted({ limits: { windowEvents } });
    await host.idle();
    const publisher = host.backend.publisher();
    expect(await untilTurn(() => publisher.publish(noticed('more')), 2 * eventsPerTurn)).toBe(true);
  },
);

test.each([0, 1])('W16: so does who awaits each second event alone, from the %i. on', async (phase) => {
  await using host = scripted();
  await host.idle();
  const publisher = host.backend.publisher();
  const publish = (index: number) => {
    const published = publisher.publish(noticed('more'));
    return index % 2 === phase ? published : undefined;
  };
  expect(await untilTurn(publish, 2 * eventsPerTurn)).toBe(true);
});

test('W16: so does who goes on after its generation is closed', async () => {
  await using host = scripted();
  await host.idle();
  const publisher = host.backend.publisher();
  await publisher.disconnect({ kind: 'unknown' });
  expect(await untilTurn(() => publisher.publish(noticed('late')), 2 * eventsPerTurn)).toBe(true);
});

test('W16: many who publish without end wait together', async () => {
  await using host = scripted();
  const publishers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      await host.idle();
      return host.backend.publisher();
    }),
  );
  let published = 0;
  const endless = publishers.map((publisher) =>
    untilTurn(() => {
      published += 1;
      return publisher.publish(noticed('more'));
    }, 2 * eventsPerTurn),
  );
  expect(await Promise.all(endless)).not.toContain(false);
  expect(published).toBeLessThan(2 * eventsPerTurn);
});

test('P1: what is published after somebody asked during an append is gathered as ever', async () => {
  const { host, worker, fault, publisher } = await stalled();
  let appends = 0;
  publisher.onRecorded(() => (appends += 1));
  await publisher.publish(noticed('first'));
  await host.clock.settle();
  const cancelled = host.runtime.execute({ type: 'cancel', worker, inputId: inputId() });
  await host.clock.settle();
  fault.clear();
  expect(await cancelled).toMatchObject({ outcome: 'rejected' });
  await host.clock.settle();
  appends = 0;
  for (let index = 0; index < 100; index += 1) await publisher.publish(noticed(`${index}`));
  await host.clock.settle();
  expect(appends).toBe(1);
});
