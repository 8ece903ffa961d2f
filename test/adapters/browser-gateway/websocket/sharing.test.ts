import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { describe, expect, it, vi } from 'vitest';

import { httpHandler, listen } from '../../../../src/adapters/browser-gateway/http/index.js';
import { decodeObservation } from '../../../../src/domain/observation/encoded.js';
import type { Observation } from '../../../../src/domain/observation/event.js';
import type { Frame, WorkerRef } from '../../../../src/ports/browser-gateway.js';
import { encodedNotices, observationAt } from '../../../support/observations.js';
import { scripted } from '../../../support/scripted-runtime.js';
import type { Scripted } from '../../../support/scripted-runtime.js';
import { noticed } from '../../../support/scripted-backend.js';
import { socketClient } from '../../../support/socket-client.js';
import type { SocketClient } from '../../../support/socket-client.js';
import { runtimeId, scriptedGateway, workerId } from '../../../support/scripted-gateway.js';
import { oneByOne, socketServer, subscribe } from '../../../support/socket-server.js';
import { sseReader } from '../../../support/sse-reader.js';
import { frameSource } from '../../../support/frames.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** An observation that counts how often it is encoded. */
function counted(sequence: number, text: string): { readonly observation: Observation; readonly times: () => number } {
  const plain = observationAt(sequence, { type: 'notice', level: 'info', text });
  let times = 0;
  const observation = {
    ...plain,
    get at() {
      times += 1;
      return plain.at;
    },
  };
  return { observation, times: () => times };
}

/** Subscribes with a snapshot or from a place, to a Worker of the host. */
const watch = (client: SocketClient, { runtimeId: host, workerId: worker }: WorkerRef, after?: string): void =>
  client.say({ type: 'subscribe', id: 'a', runtimeId: host, workerId: worker, ...(after && { after }) });

const serve = (host: Scripted) =>
  listen({ handler: httpHandler({ gateway: host.runtime, options: { streams: 100 } }) });

describe('P3: observers of one Worker', () => {
  it('cost one encoding of a frame that they share, on WebSockets', async () => {
    const { observation, times } = counted(3, 'x');
    const frame: Frame = { type: 'events', observations: [observation] };
    const sources = Array.from({ length: 20 }, () => frameSource());
    await using server = await socketServer({ script: oneByOne(sources) });
    await using client = await server.connect();
    for (let index = 0; index < 20; index += 1) client.say(subscribe(`${index}`, { after: 'start' }));
    await expect.poll(() => sources.length).toBe(20);
    for (const source of sources) source.push(frame);
    const told = await client.take(40);
    const events = told.filter(({ type }) => type === 'events');
    expect(new Set(events.map((message) => ('id' in message ? message.id : '')))).toHaveProperty('size', 20);
    expect(times()).toBe(1);
  });

  it('cost one encoding of a frame that they share, over SSE', async () => {
    const { observation, times } = counted(3, 'x');
    const frame: Frame = { type: 'events', observations: [observation] };
    const sources = Array.from({ length: 20 }, () => frameSource(frame, { type: 'end', code: 'worker-deleted' }));
    const handler = httpHandler({ gateway: scriptedGateway(oneByOne(sources)) });
    const url = `http://127.0.0.1/api/v1/runtimes/${runtimeId}/workers/${workerId}/observations/stream?after=start`;
    const told = await Promise.all(
      sources.map(async () => {
        const { body } = await handler(new Request(url));
        return (await sseReader(body as ReadableStream<Uint8Array>).all()).find(({ event }) => event === 'observation');
      }),
    );
    expect(new Set(told.map((event) => event?.data))).toEqual(
      new Set([JSON.stringify(observationAt(3, observation.event))]),
    );
    expect(times()).toBe(1);
  });

  it('at different places of the log each get exactly what they miss, in the bytes of the log', async () => {
    await using host = scripted();
    const worker = await host.idle();
    await using server = await serve(host);
    const clients: SocketClient[] = [];
    for (let index = 0; index < 12; index += 1) {
      for (const text of ['a', 'b']) await host.backend.publisher().publish(noticed(`${text}${index}`));
      const cursor = (await host.log(worker))[index]?.cursor;
      const client = await socketClient(server.url);
      clients.push(client);
      watch(client, worker, [undefined, 'start', cursor][index % 3]);
    }
    await host.clock.settle();
    await host.backend.publisher().publish(noticed('last'));
    const log = await host.log(worker);
    for (const [index, client] of clients.entries()) {
      const seen: Observation[] = [];
      while (seen.at(-1)?.sequence !== log.length) {
        const message = await client.next();
        if (message.type === 'events') seen.push(...(message.observations as readonly Observation[]));
      }
      const first = index % 3 === 0 ? 2 + 2 * (index + 1) : index % 3 === 1 ? 0 : index + 1;
      const latestStart = seen[0]?.sequence ?? 0;
      if (index % 3 === 0) expect(latestStart).toBeGreaterThan(first);
      else expect(latestStart).toBe(first + 1);
      expect(JSON.stringify(seen)).toBe(JSON.stringify(log.slice(latestStart - 1)));
      await client[Symbol.asyncDispose]();
    }
  });

  it('M12: one that does not read costs 20 others nothing, and no memory that grows', { timeout: 60_000 }, async () => {
    let pulled = 0;
    const frames = Array.from({ length: 20 }, (_, index): Frame => {
      const text = 'x'.repeat(900);
      const first = index * 500 + 3;
      const observations = encodedNotices(first, first + 499).map((encoded) =>
        decodeObservation({ ...encoded, json: encoded.json.replace('"notice ', `"${text}`) }),
      );
      return { type: 'events', observations };
    });
    const laps = 10;
    async function* endless(isSlow: boolean): AsyncGenerator<Frame> {
      for (let lap = 0; lap < laps; lap += 1) {
        for (const frame of frames) {
          if (isSlow) pulled += 1;
          yield frame;
        }
      }
      yield { type: 'end', code: 'worker-deleted' };
    }
    let observers = 0;
    await using server = await socketServer({
      script: {
        observe: () => {
          observers += 1;
          return endless(observers === 1);
        },
      },
    });
    await using slow = await server.connect();
    slow.say(subscribe('a', { after: 'start' }));
    await slow.next();
    slow.webSocket.pause();
    collectGarbage();
    const before = process.memoryUsage();
    const quick = await Promise.all(Array.from({ length: 20 }, () => server.connect()));
    const bytes = await Promise.all(
      quick.map(async (client) => {
        let told = 0;
        client.webSocket.removeAllListeners('message');
        client.webSocket.on('message', (data: Buffer) => (told += data.byteLength));
        const isOver = new Promise<void>((resolve) => {
          client.webSocket.on('message', (data: Buffer) => {
            if (data.byteLength < 100 && data.toString().includes('"end"')) resolve();
          });
        });
        client.say(subscribe('a', { after: 'start' }));
        await isOver;
        return told;
      }),
    );
    expect(new Set(bytes).size).toBe(1);
    expect(bytes[0]).toBeGreaterThan(100_000_000 / 1.2);
    // Buffers are given back some time after the collector found them.
    await vi.waitFor(
      () => {
        collectGarbage();
        expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(60_000_000);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(pulled).toBeLessThan(20 * laps);
    await Promise.all(quick.map((client) => client[Symbol.asyncDispose]()));
  });
});
