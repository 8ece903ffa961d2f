import { Sequence, WorkerId } from '../../src/domain/ids.js';
import { initialState } from '../../src/domain/worker/state.js';
import type { WorkerState } from '../../src/domain/worker/state.js';
import { testEpoch } from './observations.js';

/** The n-th of a row of Workers. */
export const workerIdOf = (n: number): WorkerId =>
  WorkerId(`0190d1b2-0000-7000-9000-${n.toString(16).padStart(12, '0')}`);

/** An idle head as of its `revision`-th append, at `sequence`. */
export const headAt = (workerId: WorkerId, revision: number, sequence: number): WorkerState => ({
  ...initialState(workerId),
  revision,
  status: { status: 'unconnected', reason: 'no-backend' },
  sequence: Sequence(sequence),
  epochs: [{ epoch: testEpoch, from: Sequence(1) }],
  profile: 'test',
});
