import { expect, test } from 'vitest';

import { Generation, WorkerId } from '../../src/domain/ids.js';
import { decideRecover, restsAtStart } from '../../src/domain/worker/decide-host.js';
import { damaged, initialState } from '../../src/domain/worker/state.js';
import type { WorkerState } from '../../src/domain/worker/state.js';

const state = (fields: Partial<WorkerState>): WorkerState => ({
  ...initialState(WorkerId('0190a6b2-1111-7000-8000-000000000001')),
  ...fields,
});
const unconnected = state({ status: { status: 'unconnected', reason: 'exited' } });
const circumstances = { now: 0, newId: () => '0190a6b2-1111-7000-8000-000000000002', draining: false };

test.each([
  ['unconnected', unconnected, false, true],
  ['unconnected, in a log that begins a new epoch', unconnected, true, false],
  ['damaged, in a log that begins a new epoch', damaged(unconnected), true, true],
  ['idle', state({ status: { status: 'idle', generation: Generation(1) }, generation: Generation(1) }), false, false],
])(
  'R2: a start that finds a Worker %s leaves it unasked where nothing would be decided',
  (_, worker, newEpoch, rests) => {
    expect(restsAtStart(worker, { newEpoch })).toBe(rests);
    const { facts } = decideRecover(worker, { type: 'recover', newEpoch, canRecover: true }, circumstances);
    expect(facts.length === 0).toBe(rests);
  },
);

test('R5: a start asks a Worker that owes a stop', () => {
  expect(restsAtStart({ ...unconnected, stopsOwed: [Generation(1)] }, { newEpoch: false })).toBe(false);
});
