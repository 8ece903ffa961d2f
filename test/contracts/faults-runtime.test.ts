import { expect, test } from 'vitest';

import { faultKinds } from '../../src/contracts/faults/fault-options.js';
import { TroubledRuntime } from '../support/troubled-runtime.js';

/** `WORKPORT_SEED` and `WORKPORT_RUNS` replay a failure or look further. */
const firstSeed = Number(process.env['WORKPORT_SEED'] ?? 1);
const runs = Number(process.env['WORKPORT_RUNS'] ?? 150);

test('O1–O7, W6, W16, W18: whatever befalls a backend, its Runtime answers, keeps its logs and ends', async () => {
  const seen = new Set<string>();
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    try {
      for (const fault of await new TroubledRuntime(seed).play()) seen.add(fault);
    } catch (cause) {
      throw new Error(`with WORKPORT_SEED=${seed} WORKPORT_RUNS=1`, { cause });
    }
  }

  if (runs > 1) expect([...seen].sort()).toEqual([...faultKinds].sort());
});
