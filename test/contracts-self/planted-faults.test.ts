import { expect, test } from 'vitest';

import { findFaults } from './find-faults.js';
import { plantedHarness } from './plant.js';
import { plantedFaults } from './planted-faults/index.js';

test.each(plantedFaults)('a backend that $fault fails exactly the cases that name it', async (planted) => {
  const found = await findFaults(plantedHarness(planted));
  const reasons = found.map(({ id, reason }) => `${id}: ${reason}`).join('\n');
  expect(
    found.map(({ id }) => id),
    reasons,
  ).toEqual(planted.found);
});
