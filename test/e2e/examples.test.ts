import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
const node = (...args: readonly string[]) => execute(process.execPath, args, { cwd, timeout: 20_000 });

test('examples/embed.mjs: a Runtime in a program greets and ends by itself', async () => {
  const { stdout } = await node('examples/embed.mjs');
  expect(stdout).toBe('Hello Ada, you are number 1.\nHello Grace, you are number 2.\n');
});

test('examples/check-greeter.mjs: the backend of the README keeps its contract', async () => {
  const { stdout } = await node('examples/check-greeter.mjs');
  expect(stdout).toMatch(/^passed EB-/m);
  expect(stdout).not.toMatch(/^failed/m);
});
