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

test('a case that throws what is no error, or an error without words, fails, and the next one is run', async () => {
  const causes: readonly unknown[] = [Object.create(null), Object.assign(new Error(), { message: { of: 'any form' } })];
  const cases = causes.map((cause, index) => ({
    ...{ id: `A-${index}`, title: 'throws', rules: [], deadlineMs: 1_000 },
    run: () => Promise.reject(cause),
  }));
  const { results } = await checkContract(cases, { capabilities: [] });
  expect(results.map(({ status, reason }) => [status, typeof reason])).toEqual([
    ['failed', 'string'],
    ['failed', 'string'],
  ]);
});

test.each([0, -1, 1.5, NaN, Infinity])('a concurrency of %d is refused: nothing was judged', async (concurrency) => {
  await expect(checkContract([], { capabilities: [], concurrency })).rejects.toThrow(TypeError);
});
