import { expect, test } from 'vitest';

import { chaos } from '../../support/cluster-chaos/chaos.js';

/** `WORKPORT_SEED` and `WORKPORT_RUNS` replay a failure or look further. */
const firstSeed = Number(process.env['WORKPORT_SEED'] ?? 1);
const runs = Number(process.env['WORKPORT_RUNS'] ?? 60);

test(`W5, W8, W13, W14, W18, O1–O7, P3, R5: what hosts that share Workers promise holds in ${String(runs)} schedules`, async () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const found = await chaos(seed);
    expect(found, `with WORKPORT_SEED=${String(seed)} WORKPORT_RUNS=1`).toBeUndefined();
  }
}, 120_000);
