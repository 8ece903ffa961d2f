import { expect, test } from 'vitest';

import { Fences } from '../../../../src/adapters/execution-backend/wire/fences.js';
import { WorkerId } from '../../../../src/domain/ids.js';
import { worker1, worker2 } from './support.js';

const other = (index: number): WorkerId => WorkerId(`0a900000-0000-7000-8000-${String(index).padStart(12, '0')}`);
const raiseOthers = (fences: Fences, count: number): void => {
  for (let index = 0; index < count; index += 1) fences.raise(other(index), 1);
};

test('E6: of executions that are gone, the generation that was not heard of for longest is forgotten first', () => {
  const fences = new Fences();
  fences.raise(worker1, 7);
  fences.raise(worker2, 7);
  raiseOthers(fences, 99_998);
  fences.raise(worker1, 8);
  expect([fences.isStale(worker1, 7), fences.isStale(worker2, 6)]).toEqual([true, true]);
  fences.raise(other(99_999), 1);
  expect([fences.isStale(worker1, 7), fences.isStale(worker2, 6)]).toEqual([true, false]);
});

test('E6: of an execution that is held, generation and owner are kept, and others forgotten in its place', () => {
  const fences = new Fences((workerId) => workerId === worker1);
  fences.raise(worker1, 7, { owner: 'mine' });
  raiseOthers(fences, 100_010);
  expect([fences.isStale(worker1, 6), fences.isForeign(worker1, 'theirs')]).toEqual([true, true]);
  expect(fences.of(other(0))).toBeUndefined();
  expect(fences.of(other(100_009))).toBeDefined();
});
