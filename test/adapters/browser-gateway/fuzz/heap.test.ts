import { expect, test } from 'vitest';

import type { Memory } from '../../../support/fuzz/heap-host.js';
import { heapHost } from '../../../support/fuzz/heap-host.js';
import type { Inputs } from '../../../support/fuzz/heap-inputs.js';
import { httpInputs, socketInputs } from '../../../support/fuzz/heap-inputs.js';
import type { Known } from '../../../support/fuzz/request-arbitrary.js';
import { seed } from '../../../support/fuzz/settings.js';

const warmUp = 3_000;
const rounds = 5;
/** What a round may leave for each of its inputs. */
const bytesPerInput = 50;

interface Growth {
  readonly perInput: number;
  readonly share: number;
}

const kept = ({ heapUsed, external }: Memory): number => heapUsed + external;

/** The median of what lies between any two rounds, for one round: what one collection left over counts for little. */
function slope(measured: readonly number[]): number {
  const slopes = measured.flatMap((from, at) =>
    measured.slice(at + 1).map((to, further) => (to - from) / (further + 1)),
  );
  return slopes.sort((one, other) => one - other)[Math.floor(slopes.length / 2)] ?? NaN;
}

/** `share`: how much more is kept at the end than at the begin. `perInput`: how much each input of the later rounds adds. */
async function growth(
  inputsOf: (known: Known, seed: number) => Inputs,
  { perRound, ...options }: { readonly perRound: number; readonly leak?: true },
): Promise<Growth> {
  await using host = await heapHost(...(options.leak ? ['leak' as const] : []));
  const give = inputsOf(host.known, seed);
  await give(host, warmUp);
  const measured = [kept(await host.measure())];
  for (let round = 0; round < rounds; round += 1) {
    await give(host, perRound);
    measured.push(kept(await host.measure()));
  }
  const perInput = slope(measured.slice(1)) / perRound;
  const told = measured.map((bytes) => (bytes / 1024).toFixed(0)).join(' ');
  console.log(`seed ${seed}: ${rounds * perRound} inputs, ${told} KiB, ${perInput.toFixed(0)} bytes an input`);
  return { share: (measured.at(-1) ?? NaN) / (measured[0] ?? NaN), perInput };
}

const edges = [
  ['requests', httpInputs],
  ['messages on WebSockets', socketInputs],
] as const;

test.each(edges)('10,000 %s leave less than an object each, and a tenth more memory at most', async (_what, edge) => {
  const { share, perInput } = await growth(edge, { perRound: 2_000 });
  expect(share).toBeLessThan(1.1);
  expect(perInput).toBeLessThan(bytesPerInput);
});

test.each(edges)('a host that keeps a small object for each of its %s is found', async (_what, edge) => {
  expect((await growth(edge, { perRound: 1_000, leak: true })).perInput).toBeGreaterThan(bytesPerInput);
});
