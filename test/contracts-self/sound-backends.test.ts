import { expect, test } from 'vitest';

import type { ObservationPublisher } from '../../src/ports/observation-publisher.js';
import { findFaults } from './find-faults.js';
import { plantedHarness, turn, type Plant } from './plant.js';

/** What no input caused is said at any time, also between a call and its answer (O5). */
const talkative: Plant = (sound) => {
  const publishers = new Map<string, ObservationPublisher>();
  return {
    spawn: (request, publisher, call) => {
      publishers.set(request.workerId, publisher);
      return sound.spawn(request, publisher, call);
    },
    answer: async (handle, ...rest) => {
      const answer = await sound.answer(handle, ...rest);
      const publisher = publishers.get(handle.workerId);
      if (answer.outcome === 'accepted') void publisher?.publish({ type: 'notice', level: 'info', text: 'answered' });
      return answer;
    },
  };
};

/** It asks somebody else first, and a run may have ended by then. */
const slowToCancel: Plant = (sound) => ({
  cancel: async (...call) => {
    for (let count = 0; count < 20; count += 1) await turn();
    return sound.cancel(...call);
  },
});

/** Fields that no host knows, which no JSON can hold. */
const annotated: Plant = (sound) => ({
  dispatch: async (...call) => ({ ...(await sound.dispatch(...call)), took: 3n }),
  stop: async (...call) => {
    const answer = { ...(await sound.stop(...call)), self: {} };
    answer.self = answer;
    return answer;
  },
});

const sound = { plant: () => ({}) };

test('a sound backend fails no case where all run at once and what waits in vain is aborted early', async () => {
  expect(await findFaults(plantedHarness(sound))).toEqual([]);
});

test('a sound backend behind a wire fails no case so, either', async () => {
  expect(await findFaults(plantedHarness({ ...sound, linked: true }))).toEqual([]);
});

test.each([
  ['says what no input caused between an answer and what it causes', talkative],
  ['is slow to cancel', slowToCancel],
  ['answers more than it is asked', annotated],
])('a sound backend that %s fails no case, either', async (_, plant) => {
  expect(await findFaults(plantedHarness({ plant }))).toEqual([]);
});
