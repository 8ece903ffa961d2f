import { expect, test } from 'vitest';

import { WorkerId } from '../../src/domain/ids.js';
import { SharedFrames } from '../../src/runtime/shared-frames.js';
import { encodedNotices } from '../support/observations.js';

const one = WorkerId('0190d1b2-1111-7000-8000-000000000001');
const other = WorkerId('0190d1b2-1111-7000-8000-000000000002');
const sequencesOf = ({ observations }: { observations: readonly { sequence: number }[] }) =>
  observations.map(({ sequence }) => sequence);

test('P3: a frame is shared by those who are at its first event, also where they have read on meanwhile', () => {
  const shared = new SharedFrames();
  const [a, b] = [shared.watch(one), shared.watch(one)];
  const frame = a.frameOf(encodedNotices(3, 5));
  expect(b.frameOf(encodedNotices(3, 5))).toBe(frame);
  expect(b.frameOf(encodedNotices(3, 9))).toBe(frame);
  expect(sequencesOf(b.frameOf(encodedNotices(3, 4)))).toEqual([3, 4]);
  expect(sequencesOf(b.frameOf(encodedNotices(4, 5)))).toEqual([4, 5]);
});

test('P3: who catches up takes nothing from those at the end, and Workers share nothing', () => {
  const shared = new SharedFrames();
  const [a, b, foreign] = [shared.watch(one), shared.watch(one), shared.watch(other)];
  const latest = a.frameOf(encodedNotices(8, 9));
  expect(sequencesOf(b.frameOf(encodedNotices(1, 4)))).toEqual([1, 2, 3, 4]);
  expect(b.frameOf(encodedNotices(8, 9))).toBe(latest);
  expect(foreign.frameOf(encodedNotices(8, 9))).not.toBe(latest);
});

test('P3: nothing is held when nobody watches any more', () => {
  const shared = new SharedFrames();
  const [a, b] = [shared.watch(one), shared.watch(one)];
  const frame = a.frameOf(encodedNotices(1, 1));
  a.leave();
  expect(shared.size).toBe(1);
  b.leave();
  expect(shared.size).toBe(0);
  expect(shared.watch(one).frameOf(encodedNotices(1, 1))).not.toBe(frame);
});
