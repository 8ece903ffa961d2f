import { Buffer } from 'node:buffer';

import { expect, test, vi } from 'vitest';

import { linkedPair } from '../../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import { wireBackend } from '../../../../src/adapters/execution-backend/wire/host-end.js';
import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import type { WireTransport } from '../../../../src/adapters/execution-backend/wire/transport.js';
import { BackendId } from '../../../../src/domain/ids.js';
import {
  RecordingPublisher,
  ScriptedBackend,
  TestClock,
  call,
  handle,
  inputId,
  runEnded,
  spawnRequest,
  text,
} from './support.js';

/** Lets `left` lines through, counted over both directions, then cuts. Small chunks, so that lines come in pieces. */
class Scissors {
  left: number;
  lines = 0;
  readonly #cut: () => void;

  constructor(left: number, cut: () => void) {
    this.left = left;
    this.#cut = cut;
  }

  wrap(transport: WireTransport): WireTransport {
    return {
      closed: transport.closed,
      start: (onChunk) => transport.start(onChunk),
      close: () => transport.close(),
      write: (lines) => {
        let drained: Promise<void> | undefined;
        for (const line of lines.split(/(?<=\n)/)) drained = this.#pass(transport, line) ?? drained;
        return drained;
      },
    };
  }

  #pass(transport: WireTransport, line: string): Promise<void> | undefined {
    if (this.left === 0) return undefined;
    this.lines += 1;
    this.left -= 1;
    const middle = Math.floor(line.length / 2);
    const drained = transport.write(line.slice(0, middle)) ?? transport.write(line.slice(middle));
    // What was let through arrives; then both ends find the pipe cut.
    if (this.left === 0) setImmediate(() => setImmediate(this.#cut));
    return drained;
  }
}

const total = 12;

/** One session, cut once after `cutAfter` lines, joined again; gives how many lines it took. */
async function session(cutAfter: number): Promise<number> {
  const clock = new TestClock();
  const author = new ScriptedBackend({
    dispatch: async (_handle, { inputId: of }) => {
      void talk(of);
      return { outcome: 'accepted' };
    },
  });
  const talk = async (of: ReturnType<typeof inputId>) => {
    for (let index = 1; index < total; index += 1) await author.publisher.publish(text(`${index}`, of));
    await author.publisher.publish(runEnded(of));
  };
  const backend = wireBackend({ id: BackendId('wired'), loss: 'resumes', clock, limits: { windowEvents: 3 } });
  const server = backendServer(author, { clock });
  let lines = 0;
  const join = async (left: number): Promise<void> => {
    const pair = linkedPair();
    const scissors = new Scissors(left, pair.cut);
    void server.accept(scissors.wrap(pair.backend));
    await backend.connect(scissors.wrap(pair.host)).finally(() => (lines = scissors.lines));
    scissorsOf = scissors;
  };
  let scissorsOf: Scissors | undefined;
  await join(Number.POSITIVE_INFINITY);
  const publisher = new RecordingPublisher();
  await backend.spawn(spawnRequest(), publisher, call());
  if (scissorsOf) scissorsOf.left = cutAfter;
  const before = scissorsOf?.lines ?? 0;
  const outcome = await backend.dispatch(
    handle(),
    { inputId: inputId(1), parts: [{ type: 'text', text: 'go' }] },
    call(),
  );
  await vi.waitFor(() => expect(publisher.events.length >= total || !backend.isConnected).toBe(true), { interval: 1 });
  const wasNamed = publisher.events.length > 0;
  const used = (scissorsOf?.lines ?? lines) - before;
  if (publisher.events.length < total) await join(Number.POSITIVE_INFINITY);
  const wasLost = publisher.decisions.some(({ taken }) => !taken);
  if (wasLost) {
    expect(outcome).toEqual({ outcome: 'unknown' });
    expect(author.inputs).toEqual([]);
    expect(publisher.events).toEqual([]);
  } else {
    await vi.waitFor(() => expect(publisher.events.length).toBeGreaterThanOrEqual(total), { interval: 1 });
    expect(publisher.texts).toEqual([...Array.from({ length: total - 1 }, (_, index) => `${index + 1}`), 'run-ended']);
    expect(author.inputs).toEqual([inputId(1)]);
    expect(outcome.outcome === 'accepted' || wasNamed || publisher.decisions.length === 1).toBe(true);
  }
  expect(publisher.exits).toEqual([]);
  await backend[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  return used;
}

test('E5: a session that is cut after any one of its frames and joined again loses and doubles no event', async () => {
  const whole = await session(Number.POSITIVE_INFINITY);
  expect(whole).toBeGreaterThan(5);
  for (let cutAfter = 1; cutAfter <= whole; cutAfter += 1) await session(cutAfter);
});

test('what a pair carries in pieces arrives as it was written, in order, and close lets it go out', async () => {
  const { host, backend } = linkedPair();
  const seen: string[] = [];
  backend.start((chunk) => seen.push(Buffer.from(chunk).toString()));
  void host.write('a');
  void host.write('b');
  host.close();
  await backend.closed;
  expect(seen.join('')).toBe('ab');
});

test('E4: a pair asks its writer to wait while much is on the way', async () => {
  const { host, backend } = linkedPair();
  const drained = host.write('x'.repeat(70_000));
  expect(drained).toBeInstanceOf(Promise);
  let isDrained = false;
  void drained?.then(() => (isDrained = true));
  await new Promise(setImmediate);
  expect(isDrained).toBe(false);
  backend.start(() => undefined);
  await drained;
});
