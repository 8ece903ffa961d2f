import { Buffer } from 'node:buffer';

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { linkedPair } from '../../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import { wireBackend } from '../../../../src/adapters/execution-backend/wire/host-end.js';
import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import type { WireTransport } from '../../../../src/adapters/execution-backend/wire/transport.js';
import { BackendId } from '../../../../src/domain/ids.js';
import type { InputId } from '../../../../src/domain/ids.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import type { PublishResult } from '../../../../src/ports/observation-publisher.js';
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
  worker1,
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

/** A publisher whose log is `lag` events behind, until the run has ended. */
class LaggingPublisher extends RecordingPublisher {
  readonly #lag: number;

  constructor(lag: number) {
    super(worker1, 1, { isRecording: false });
    this.#lag = lag;
  }

  override async publish(event: BackendEvent): Promise<PublishResult> {
    const result = await super.publish(event);
    const { length } = this.events;
    queueMicrotask(() => this.record(event.type === 'run-ended' ? length : length - this.#lag));
    return result;
  }
}

const total = 12;
const whole = Number.POSITIVE_INFINITY;

/** An author that says a dozen things about its one input, and waits for room before each. */
function talkative(): ScriptedBackend {
  const author: ScriptedBackend = new ScriptedBackend({
    dispatch: (_handle, { inputId: of }) => {
      void talk(of);
      return Promise.resolve({ outcome: 'accepted' });
    },
  });
  const talk = async (of: InputId): Promise<void> => {
    for (let index = 1; index < total; index += 1) await author.publisher.publish(text(`${index}`, of));
    await author.publisher.publish(runEnded(of));
  };
  return author;
}

/** Both ends, joined anew by `join`; the connection is cut after so many lines. */
function ends(author: ScriptedBackend) {
  const clock = new TestClock();
  const backend = wireBackend({ id: BackendId('wired'), loss: 'resumes', clock, limits: { windowEvents: 3 } });
  const server = backendServer(author, { clock });
  const join = async (lines: number): Promise<Scissors> => {
    const pair = linkedPair();
    const scissors = new Scissors(lines, pair.cut);
    void server.accept(scissors.wrap(pair.backend));
    await backend.connect(scissors.wrap(pair.host)).catch(() => undefined);
    return scissors;
  };
  const dispose = async (): Promise<void> => {
    await backend[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { backend, join, dispose };
}

/** One input whose session is cut after each of `cuts` lines and joined again; gives how many lines the first took. */
async function session(cuts: readonly number[], lag: number): Promise<number> {
  const author = talkative();
  const { backend, join, dispose } = ends(author);
  const publisher = new LaggingPublisher(lag);
  const isAtRest = (): boolean => publisher.events.length >= total || !backend.isConnected;
  const first = await join(whole);
  await backend.spawn(spawnRequest(), publisher, call());
  const before = first.lines;
  first.left = cuts[0] ?? whole;
  const outcome = await backend.dispatch(
    handle(),
    { inputId: inputId(1), parts: [{ type: 'text', text: 'go' }] },
    call(),
  );
  await vi.waitFor(() => expect(isAtRest()).toBe(true), { interval: 1 });
  const lines = first.lines - before;
  const wasNamed = publisher.events.length > 0;
  for (const cut of [...cuts.slice(1), whole]) {
    if (publisher.events.length >= total) break;
    await join(cut);
    if (publisher.decisions.some(({ taken }) => !taken)) break;
    await vi.waitFor(() => expect(isAtRest()).toBe(true), { interval: 1 });
  }
  if (publisher.decisions.some(({ taken }) => !taken)) {
    expect([outcome.outcome, author.inputs, publisher.events]).toEqual(['unknown', [], []]);
  } else {
    expect(publisher.texts).toEqual([...Array.from({ length: total - 1 }, (_, index) => `${index + 1}`), 'run-ended']);
    expect(author.inputs).toEqual([inputId(1)]);
    expect(outcome.outcome === 'accepted' || wasNamed || publisher.decisions.length === 1).toBe(true);
  }
  expect(publisher.exits).toEqual([]);
  await dispose();
  return lines;
}

for (const lag of [0, 1, 2]) {
  test(`E5: cut after any one frame and joined again, no event is lost or doubled, the log ${lag} events behind`, async () => {
    const lines = await session([], lag);
    expect(lines).toBeGreaterThan(5);
    for (let cut = 1; cut <= lines; cut += 1) await session([cut], lag);
  });
}

test('E5: cut again and again, also within a handshake and a resumption, no event is lost or doubled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }), fc.nat(2), async (cuts, lag) => {
      await session(cuts, lag);
    }),
    { numRuns: 60 },
  );
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
