import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { frameName } from '../../../support/cut-session/frame-name.js';
import { expectedLog } from '../../../support/cut-session/normal-log.js';
import { type Played, playSession, type SessionOptions } from '../../../support/cut-session/session.js';
import type { Direction, ProxyFrame, Verdict } from '../../../support/socket-proxy/index.js';
import { suiteFolder } from '../../../support/temporary-folder.js';

/** How many sessions go on at once: they share nothing but this process. */
const atOnce = 8;
const directions = ['to-backend', 'to-host'] as const satisfies readonly Direction[];

let folder: string;
let uncut: Played;
let sessions = 0;

beforeAll(async () => {
  folder = await suiteFolder();
  uncut = await play();
});

async function play(options: Omit<SessionOptions, 'folder'> = {}): Promise<Played> {
  const own = join(folder, `${(sessions += 1)}`);
  await mkdir(own);
  return playSession({ ...options, folder: own });
}

/** What a session comes to, however it was carried. */
function expectWhole(played: Played): void {
  for (const name of ['a', 'b', 'c'] as const) {
    const log = played.logs[name];
    expect(log, `the log of ${name}`).toEqual(expectedLog(uncut.logs[name], log, played.consequences[name]));
  }
  expect(played.statuses).toEqual({ a: 'idle', b: 'idle', c: 'stopped' });
  expect(played.notRunOnce, 'inputs that did not run exactly once').toEqual([]);
  expect(played.isCursorsWhole, 'cursors name their sequences, under one epoch').toBe(true);
  expect(played.complaints, 'rules that were broken').toEqual([]);
}

interface CutPoint {
  readonly frame: ProxyFrame;
  readonly how: Exclude<Verdict, 'pass'>;
}

const describe = ({ frame, how }: CutPoint): string =>
  `${how} ${frame.direction} ${frame.number}, ${frameName(frame, uncut.frames)}`;

/** Plays the session with one cut; answers what is wrong with it. */
async function cutAt({ frame, how }: CutPoint): Promise<string | undefined> {
  const isIt = ({ direction, number }: ProxyFrame): boolean => direction === frame.direction && number === frame.number;
  try {
    const played = await play({ judge: (one) => (isIt(one) ? how : 'pass') });
    expect(played.connections, 'connections').toBe(2);
    expectWhole(played);
    return undefined;
  } catch (cause) {
    return `${describe({ frame, how })}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

async function failuresOf(points: readonly CutPoint[]): Promise<readonly string[]> {
  const left = [...points];
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let point = left.shift(); point; point = left.shift()) {
      const failure = await cutAt(point);
      if (failure !== undefined) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failures;
}

test('a session that is not cut is whole, and nobody is told of a loss', () => {
  expectWhole(uncut);
  expect([uncut.refusals, uncut.connections]).toEqual([0, 1]);
  const said = new Set(uncut.frames.map((frame) => frameName(frame, uncut.frames)));
  for (const method of ['spawn', 'input', 'answer', 'cancel', 'stop'])
    expect([...said]).toEqual(expect.arrayContaining([`worker/${method}`, `answer to worker/${method}`]));
});

for (const direction of directions) {
  const points = (how: CutPoint['how']): readonly CutPoint[] =>
    uncut.frames.filter((frame) => frame.direction === direction).map((frame) => ({ frame, how }));

  test(`E5, R2, W8, O7: cut after any one frame ${direction} and resumed, each log is what it is uncut`, async () => {
    expect(points('cut-after').length).toBeGreaterThan(30);
    expect(await failuresOf(points('cut-after'))).toEqual([]);
  });

  test(`E5, R2, W8, O7: cut within any one frame ${direction} and resumed, each log is what it is uncut`, async () => {
    expect(await failuresOf(points('cut-within'))).toEqual([]);
  });
}

/** Cuts every `nth` frame of each direction, after it and within it in turns. */
const often =
  (nth: number) =>
  ({ number }: ProxyFrame): Verdict => {
    if (number % nth !== 0) return 'pass';
    return number % (2 * nth) === 0 ? 'cut-within' : 'cut-after';
  };

test.each([7, 10, 13])('E5: cut at every %ith frame of each direction, each log is what it is uncut', async (nth) => {
  const played = await play({ judge: often(nth) });
  expectWhole(played);
  expect(played.connections).toBeGreaterThan(5);
});

test('E1: carried byte by byte, each log is what it is in whole lines', async () => {
  const played = await play({ chunkBytes: 1 });
  expectWhole(played);
  expect([played.refusals, played.connections]).toEqual([0, 1]);
});

test('O7: each frame delayed, each log is what it is at once', async () => {
  const played = await play({ delayMs: 2 });
  expectWhole(played);
  expect([played.refusals, played.connections]).toEqual([0, 1]);
});

for (const direction of directions) {
  test(`O7: silence is no loss: a stall ${direction} in each step that is released changes no log`, async () => {
    let stalls = 0;
    const played = await play({
      onStep(_step, { proxy }) {
        const release = proxy.stall(direction);
        const look = (): void => {
          if (proxy.heldBytes(direction) === 0) return void setImmediate(look);
          stalls += 1;
          setImmediate(release);
        };
        look();
      },
    });
    expectWhole(played);
    expect([stalls, played.refusals, played.connections]).toEqual([8, 0, 1]);
  });
}

for (const kept of ['host', 'backend'] as const) {
  test(`E5: half-open on the side of the ${kept}, each log is what it is uncut once the host has dialled again`, async () => {
    const played = await play({
      onStep(step, { proxy, dialler }) {
        if (step % 2 !== 0) return;
        proxy.halfOpen(kept);
        if (kept === 'host') dialler.again();
      },
    });
    expectWhole(played);
    expect(played.connections).toBe(5);
  });
}
