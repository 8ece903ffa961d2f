import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../bench/programs/idle-workers.mjs', import.meta.url));

test('M9: an idle Worker in memory takes no more of the heap than it needs', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '2000']);
  // The goal is 3 kB; another version of Node lays objects out in its own way.
  expect(Number(stdout)).toBeLessThan(3_500);
  expect(Number(stdout)).toBeGreaterThan(500);
});
