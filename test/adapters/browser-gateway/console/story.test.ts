import { describe, expect, onTestFinished, test } from 'vitest';

import { readStory } from '../../../../src/adapters/browser-gateway/console/page/story.js';
import type { ObservedEvent } from '../../../../src/domain/observation/event.js';
import type { TranscriptEntry } from '../../../../src/domain/observation/transcript.js';
import type { WorkerView } from '../../../../src/domain/observation/view.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { rejected } from '../../../../src/domain/outcome.js';
import type { Frame } from '../../../../src/ports/browser-gateway.js';
import { observationAt } from '../../../support/observations.js';
import { cursorAt, runtimeId, scriptedGateway, workerId, workerView } from '../../../support/scripted-gateway.js';
import type { Script } from '../../../support/scripted-gateway.js';
import { upTo } from '../../../support/watched.js';

const entryAt = (sequence: number): TranscriptEntry => ({
  id: `e${sequence}`,
  sequence: Sequence(sequence),
  at: workerView.createdAt,
  role: 'assistant',
  parts: [{ type: 'text', text: `entry ${sequence}` }],
  complete: true,
});
const snapshot = (transcript: readonly TranscriptEntry[]): Frame => ({
  type: 'snapshot',
  worker: workerView,
  transcript,
  cursor: cursorAt(1000),
});
const events = (...said: readonly [number, ObservedEvent][]): Frame => ({
  type: 'events',
  observations: said.map(([sequence, event]) => observationAt(sequence, event)),
});
const delta = (text: string): ObservedEvent => ({ type: 'text-delta', messageId: 'm', text });

/** Watches a Worker whose stream is these frames, and then silent; what is drawn is drawn when the test says so. */
function watched(frames: readonly Frame[], script: Script = {}) {
  const told: WorkerView[] = [];
  const draws: (() => void)[] = [];
  const gateway = scriptedGateway({
    ...script,
    async *observe(_from, signal) {
      yield* frames;
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
  });
  const reader = readStory(
    { runtimeId, workerId },
    { gateway, onWorker: (worker) => told.push(worker), onDrawn: (run) => draws.push(run) },
  );
  onTestFinished(() => reader.close());
  const texts = () =>
    reader.story.get().entries.flatMap(({ parts }) => parts.map((part) => 'text' in part && part.text));
  return { reader, gateway, told, draws, texts };
}

describe('the story of a Worker', () => {
  test('is its snapshot, and then what comes, shown together once the page has drawn', async () => {
    const { draws, texts } = watched([
      snapshot([entryAt(1)]),
      events([1001, delta('a')]),
      events([1002, delta('b')], [1003, delta('c')]),
    ]);
    await expect.poll(() => draws.length).toBe(1);
    expect(texts()).toEqual(['entry 1']);
    await expect
      .poll(() => {
        draws.splice(0).forEach((draw) => draw());
        return texts();
      })
      .toEqual(['entry 1', 'abc']);
  });

  test('begins anew at a snapshot in the middle, and says what is no longer kept', async () => {
    const { reader, texts } = watched([
      snapshot([entryAt(1)]),
      events([1001, delta('a')]),
      { type: 'gap', from: Sequence(1), to: Sequence(1500) },
      snapshot([entryAt(1501)]),
    ]);
    await expect.poll(texts).toEqual(['entry 1501']);
    expect(reader.story.get().gap).toEqual({ from: 1, to: 1500 });
  });

  test('reads the Worker again when an event may have changed it, and tells of it', async () => {
    const busy: WorkerView = { ...workerView, status: 'busy' };
    const { reader, told, draws } = watched(
      [snapshot([]), events([1001, { type: 'input-accepted', parts: [{ type: 'text', text: 'go' }] }])],
      { read: () => ({ outcome: 'answered', worker: busy }) },
    );
    await expect.poll(() => draws.length).toBe(1);
    draws[0]?.();
    await expect.poll(() => reader.story.get().worker?.status).toBe('busy');
    expect(told.map(({ status }) => status)).toEqual(['idle', 'busy']);
  });

  test('keeps what the Worker last used, each figure as it was last told, and noticed', async () => {
    const { reader, draws } = watched([
      snapshot([]),
      events(
        [1001, { type: 'usage', inputTokens: 1, contextTokens: 7 }],
        [1002, { type: 'notice', level: 'info', text: 'x' }],
        [1003, { type: 'usage', inputTokens: 2 }],
      ),
    ]);
    await expect.poll(() => draws.length).toBe(1);
    draws[0]?.();
    expect(reader.story.get()).toMatchObject({ usage: { inputTokens: 2, contextTokens: 7 }, notice: { text: 'x' } });
  });

  test('that is watched for long keeps its last entries, and reads those before them when asked', async () => {
    const said = upTo(4_100).map((index): [number, ObservedEvent] => [
      index,
      { type: 'text-completed', messageId: `m${index}`, text: `${index}` },
    ]);
    const { reader, draws, texts } = watched([snapshot([]), events(...said)]);
    await expect.poll(() => draws.length).toBe(1);
    draws[0]?.();
    expect(texts()).toEqual(upTo(2_000).map((index) => `${2_100 + index}`));
    expect(reader.story.get().hasEarlier).toBe(true);
  });

  test.each<readonly [string, Frame, unknown]>([
    ['ended', { type: 'end', code: 'worker-deleted' }, 'worker-deleted'],
    ['refused', { type: 'problem', problem: rejected('worker-unknown') }, rejected('worker-unknown')],
  ])('says why it was %s', async (_, frame, end) => {
    const { reader } = watched([frame]);
    await expect.poll(() => reader.story.get().end).toEqual(end);
  });

  test('that is closed asks for nothing more', async () => {
    const { reader, gateway } = watched([snapshot([])]);
    await expect.poll(() => reader.story.get().worker).toBeDefined();
    reader.close();
    await reader.refresh();
    expect(gateway.queries).toEqual([]);
  });
});

describe('what came before a snapshot', () => {
  /** A log whose entries begin at these sequences. */
  const logOf = (sequences: readonly number[]): Script => ({
    read: (query) => {
      if (query.type !== 'transcript') return { outcome: 'answered', worker: workerView };
      const { after = 0, limit = 100 } = query;
      const rest = sequences.filter((sequence) => sequence > after);
      const entries = rest.slice(0, limit).map(entryAt);
      return { outcome: 'answered', entries, ...(rest.length > limit && { next: entries.at(-1)!.sequence }) };
    },
  });
  const shownFrom = (first: number) => snapshot(upTo(50).map((offset) => entryAt(first + offset - 1)));

  test('is read nearest first, without a hole and nothing twice', async () => {
    const { reader } = watched([shownFrom(5_001)], logOf(upTo(5_050)));
    await expect.poll(() => reader.story.get().hasEarlier).toBe(true);
    const sequences = () => reader.story.get().entries.map(({ sequence }) => sequence);
    await reader.readEarlier();
    expect(sequences()).toEqual(upTo(2_050).map((index) => 3_000 + index));
    for (let more = 1; more <= 3 && reader.story.get().hasEarlier; more += 1) await reader.readEarlier();
    expect(sequences()).toEqual(upTo(5_050));
    expect(reader.story.get().hasEarlier).toBe(false);
  });

  test('is not put before a story that began anew while it was read', async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    let isGone = (): void => undefined;
    const gone = new Promise<void>((resolve) => (isGone = resolve));
    const host = scriptedGateway(logOf(upTo(5_050)));
    const reader = readStory(
      { runtimeId, workerId },
      {
        gateway: {
          ...host,
          read: async (query, call) => {
            await asked;
            return host.read(query, call);
          },
          async *observe() {
            yield shownFrom(5_001);
            await gone;
            yield shownFrom(9_001);
          },
        },
        onWorker: () => undefined,
        onDrawn: (run) => run(),
      },
    );
    await expect.poll(() => reader.story.get().hasEarlier).toBe(true);
    const reading = reader.readEarlier();
    isGone();
    const first = () => reader.story.get().entries[0]?.sequence;
    await expect.poll(first).toBe(9_001);
    answer();
    await reading;
    expect(first()).toBe(9_001);
    expect(reader.story.get()).toMatchObject({ hasEarlier: true });
    reader.close();
  });

  test('is found far back, too', async () => {
    const { reader } = watched([shownFrom(900_000)], logOf([1, 2, ...upTo(50).map((index) => 899_999 + index)]));
    await expect.poll(() => reader.story.get().hasEarlier).toBe(true);
    await reader.readEarlier();
    expect(
      reader.story
        .get()
        .entries.map(({ sequence }) => sequence)
        .slice(0, 3),
    ).toEqual([1, 2, 900_000]);
    expect(reader.story.get().hasEarlier).toBe(false);
  });

  test('says why it cannot be read, and can be asked for again', async () => {
    const { reader } = watched([shownFrom(101)], { read: () => rejected('runtime-draining') });
    await expect.poll(() => reader.story.get().hasEarlier).toBe(true);
    expect(await reader.readEarlier()).toEqual(rejected('runtime-draining'));
    expect(reader.story.get()).toMatchObject({ hasEarlier: true, entries: { length: 50 } });
  });

  test('is not asked for where the snapshot had all of it', async () => {
    const { reader, gateway } = watched([snapshot([entryAt(1)])]);
    await expect.poll(() => reader.story.get().entries.length).toBe(1);
    await reader.readEarlier();
    expect(gateway.queries).toEqual([]);
  });
});
