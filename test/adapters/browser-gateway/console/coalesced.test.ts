import { expect, test } from 'vitest';

import { coalesced } from '../../../../src/adapters/browser-gateway/console/page/coalesced.js';

test('what is asked for often while it runs runs once more, one at a time', async () => {
  const ends: (() => void)[] = [];
  const again = coalesced(() => new Promise<void>((resolve) => ends.push(resolve)));
  const first = again();
  const others = [again(), again()];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  await Promise.all([first, ...others]);
  expect(ends).toHaveLength(2);
});

test('what has failed runs again when it is asked for', async () => {
  let runs = 0;
  const again = coalesced(async () => {
    runs += 1;
    await Promise.resolve();
    if (runs === 1) throw new Error('the first time');
  });
  await expect(again()).rejects.toThrow('the first time');
  await again();
  expect(runs).toBe(2);
});
