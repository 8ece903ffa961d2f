import { expect, test } from 'vitest';

import { checkContract } from '../../src/contracts/check-contract.js';

test('a case that heeds neither its deadline nor its signal fails, and the next one is run', async () => {
  const deaf = { id: 'A-1', title: 'hangs', rules: [], deadlineMs: 10, run: () => new Promise<void>(() => undefined) };
  const next = { id: 'A-2', title: 'passes', rules: [], deadlineMs: 10, run: () => Promise.resolve() };
  const { results } = await checkContract([deaf, next], { capabilities: [] });
  expect(results.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    ['A-1', 'failed', 'A-1 was not over after 10 ms'],
    ['A-2', 'passed', undefined],
  ]);
});
