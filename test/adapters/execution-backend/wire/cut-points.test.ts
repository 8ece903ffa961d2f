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
/** How many failures are told of one test. */
const enough = 3;
const directions = ['to-backend', 'to-host'] as const satisfies readonly Direction[];

/** How late the log of the host is: what it has received is recorded at once, or still waits when it is connected again. */
const lags = [
  { log: 'the log at once', lagTurns: 0 },
  { log: 'the log behind', lagTurns: 12 },
] as const;

let folder: string;
/** By the lag of the log. */
const uncuts = new Map<number, Played>();
let sessions = 0;

beforeAll(async () => {
  folder = await suiteFolder();
  for (const { lagTurns } of lags) uncuts.set(lagTurns, await play({ lagTurns }));
});

/** The session that was not cut, with its log so late. */
function uncut(lagTurns = 0): Played {
  const played = uncuts.get(lagTurns);
  if (!played) throw new Error('it was not played');
  return played;
}

async function play(options: Omit<SessionOptions, 'folder'> = {}): Promise<Played> {
  const own = join(folder, `${(sessions += 1)}`);
  await mkdir(own);
  return playSession({ ...options, folder: own });
}

/** What a session comes to, however it was carried. */
function expectWhole(played: Played): void {
  for (const name of ['a', 'b', 'c'] as const) {
    const log = played.logs[name];
    expect(log, `the log of ${name}`).toEqual(expectedLog(uncut().logs[name], log, played.consequences[name]));
  }
  expect(played.statuses).toEqual({ a: 'idle', b: 'idle', c: 'stopped' });
  expect(played.notRunOnce, 'inputs that did not run exactly once').toEqual([]);
  expect(played.isCursorsWhole, 'cursors name their sequences, under one epoch').toBe(true);
  expect(played.complaints, 'rules that were broken').toEqual([]);
}

interface CutPoint {
  readonly direction: Direction;
  readonly number: number;
  /** Frames are numbered from 1 on each connection. */
  readonly connection: number;
  readonly how: Exclude<Verdict, 'pass'>;
}

/** Cuts at each of these points. */
function cuttingAt(points: readonly CutPoint[]): (frame: ProxyFrame) => Verdict {
  const before = new Map<string, number>();
  return ({ direction, number, connection }) => {
    const name = `${direction} ${connection}`;
    if (!before.has(name)) before.set(name, number - 1);
    const of = number - (before.get(name) ?? 0);
    const at = points.find(
      (point) => point.direction === direction && point.connection === connection && point.number === of,
    );
    return at?.how ?? 'pass';
  };
}

/** Direction, number and method of the last frame of a connection in the direction in which it was cut. */
function describe({ direction, number, connection, how }: CutPoint, frames: readonly ProxyFrame[]): string {
  const cut = frames.filter((frame) => frame.direction === direction && frame.connection === connection)[number - 1];
  return `connection ${connection}, ${how} ${direction} ${number}, ${cut ? frameName(cut, frames) : 'never there'}`;
}

/** Plays the session with these cuts; answers what is wrong with it. */
async function failureOf(points: readonly CutPoint[], lagTurns: number): Promise<string | undefined> {
  let { frames } = uncut(lagTurns);
  try {
    const played = await play({ judge: cuttingAt(points), lagTurns });
    frames = played.frames;
    expect(played.connections, 'connections').toBe(points.length + 1);
    expectWhole(played);
    return undefined;
  } catch (cause) {
    const cuts = points.map((point) => describe(point, frames)).join(', then ');
    return `${cuts}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** A session for each of these, until some have failed: where one hangs others do, too. */
async function failuresOf(cuts: readonly (readonly CutPoint[])[], lagTurns = 0): Promise<readonly string[]> {
  const left = [...cuts];
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let points = left.shift(); points && failures.length < enough; points = left.shift()) {
      const failure = await failureOf(points, lagTurns);
      if (failure !== undefined) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failures;
}

/** The frames of the uncut session in that direction, each as the one cut of a session. */
const everyFrame = (direction: Direction, how: CutPoint['how'], lagTurns: number): readonly (readonly CutPoint[])[] =>
  uncut(lagTurns)
    .frames.filter((frame) => frame.direction === direction)
    .map(({ number }) => [{ direction, number, connection: 1, how }]);

test.each(lags)('O1–O7: a session that is not cut is whole and nobody is told of a loss, %o', ({ lagTurns }) => {
  const played = uncut(lagTurns);
  expectWhole(played);
  expect([played.refusals, played.connections]).toEqual([0, 1]);
  const said = new Set(played.frames.map((frame) => frameName(frame, played.frames)));
  for (const method of ['spawn', 'input', 'answer', 'cancel', 'stop'])
    expect([...said]).toEqual(expect.arrayContaining([`worker/${method}`, `answer to worker/${method}`]));
});

for (const { log, lagTurns } of lags)
  for (const direction of directions)
    for (const how of ['cut-after', 'cut-within'] as const)
      test(
        `E5, R2, W8, O7: ${how} any one frame ${direction} and resumed, ${log}, each log says what it says uncut`,
        { timeout: 120_000 },
        async () => {
          const cuts = everyFrame(direction, how, lagTurns);
          expect(cuts.length).toBeGreaterThan(30);
          expect(await failuresOf(cuts, lagTurns)).toEqual([]);
        },
      );

/** The frame of the uncut session that hands an input over while all Workers are there and another one is undecided. */
function inputOfThree(): ProxyFrame {
  const { frames } = uncut();
  const inputs = frames.filter((frame) => frameName(frame, frames) === 'worker/input');
  const [, , , , second] = inputs;
  if (!second) throw new Error('the script has no such input');
  return second;
}

for (const first of ['cut-after', 'cut-within'] as const) {
  test(`E5: ${first === 'cut-after' ? 'after' : 'within'} an input, and again at any frame of the resumption, each log says what it says uncut`, async () => {
    const { direction, number } = inputOfThree();
    const before: CutPoint = { direction, number, connection: 1, how: first };
    // initialize, initialized and three times recover; initialize, and three times recover with what follows it.
    const again = [...Array(5).keys()].flatMap((index) =>
      directions.flatMap((of) =>
        (['cut-after', 'cut-within'] as const).map((how): CutPoint => ({
          direction: of,
          number: index + 1,
          connection: 2,
          how,
        })),
      ),
    );
    expect(await failuresOf(again.map((point) => [before, point]))).toEqual([]);
  });
}

/** Cuts every `nth` frame of each direction, after it and within it in turns. */
const often =
  (nth: number) =>
  ({ number }: ProxyFrame): Verdict => {
    if (number % nth !== 0) return 'pass';
    return number % (2 * nth) === 0 ? 'cut-within' : 'cut-after';
  };

test.each([7, 10, 13])(
  'E5: cut at every %ith frame of each direction, each log says what it says uncut',
  async (nth) => {
    const played = await play({ judge: often(nth) });
    expectWhole(played);
    expect(played.connections).toBeGreaterThan(5);
  },
);

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
  test(`E5: half-open on the side of the ${kept}, each log says what it says uncut once the host has dialled again`, async () => {
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
