import type { Observation } from '../../src/index.js';

import { observationAt } from './observations.js';

/** The notice at a place of a scripted log. */
export const noticeAt = (sequence: number, cursor: string): Observation => ({
  ...observationAt(sequence, { type: 'notice', level: 'info', text: `notice ${sequence}` }),
  cursor: cursor as Observation['cursor'],
});
