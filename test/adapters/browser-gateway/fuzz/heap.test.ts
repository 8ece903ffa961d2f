import { expect, test } from 'vitest';

import type { Memory } from '../../../support/fuzz/heap-host.js';
import { heapHost } from '../../../support/fuzz/heap-host.js';
import type { Inputs } from '../../../support/fuzz/heap-inputs.js';
import { httpInputs, socketInputs } from '../../../support/fuzz/heap-inputs.js';
import type { Known } from '../../../support/fuzz/request-arbitrary.js';
import { seed } from '../../../support/fuzz/settings.js';

const warmUp = 3_000;
const rounds = 5;
const perRound = 2_000;
/** What a round may leave for each of its inputs. */
const bytesPerInput = 50;

interface Growth {
  readonly perInput: number;
  readonly share: number;
}

const kept = ({ heapUsed, external }: Memory): number => heapUsed + external;

/** Of 10,000 inputs: `share` is the end over the begin, `perInput` the median of the rounds: a leak grows in each of them. */
async function growth(inputsOf: (known: Known, seed: number) => Inputs, ...args: readonly 'leak'[]): Promise<Growth> {
  await using host = await heapHost(...args);
  const give = inputsOf(host.known, seed);
  await give(host, warmUp);
  const measured = [kept(await host.measure())];
  for (let round = 0; round < rounds; round += 1) {
    await give(host, perRound);
    measured.push(kept(await host.measure()));
  }
  const grown = measured.slice(1).map((bytes, round) => bytes - (measured[round] ?? NaN));
  const perInput = (grown.sort((one, other) => one - other)[Math.floor(rounds / 2)] ?? NaN) / perRound;
  console.log(`${rounds * perRound} inputs: ${measured.map((bytes) => (bytes / 1024).toFixed(0)).join(' ')} KiB`);
  return { share: (measured.at(-1) ?? NaN) / (measured[0] ?? NaN), perInput };
}

const edges = [
  ['requests', httpInputs],
  ['messages on WebSockets', socketInputs],
] as const;

test.each(edges)('10,000 %s leave less than an object each, and a tenth more memory at most', async (_what, edge) => {
  const { share, perInput } = await growth(edge);
  expect(share).toBeLessThan(1.1);
  expect(perInput).toBeLessThan(bytesPerInput);
});

test.each(edges)('a host that keeps a small object for each of its %s is found', async (_what, edge) => {
  expect((await growth(edge, 'leak')).perInput).toBeGreaterThan(bytesPerInput);
});
