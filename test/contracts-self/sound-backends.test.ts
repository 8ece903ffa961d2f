import { expect, test } from 'vitest';

import { findFaults } from './find-faults.js';
import { plantedHarness } from './plant.js';

const sound = { plant: () => ({}) };

test('a sound backend fails no case where all run at once and what waits in vain is aborted early', async () => {
  expect(await findFaults(plantedHarness(sound))).toEqual([]);
});

test('a sound backend behind a wire fails no case so, either', async () => {
  expect(await findFaults(plantedHarness({ ...sound, linked: true }))).toEqual([]);
});
