import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { checkContract } from '../../src/contracts/check-contract.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { logFaults, logWithFault } from './log-faults.js';

test.each(Object.entries(logFaults))('%s: exactly the cases that say so fail', async (_, { bug, fails }) => {
  const harness = { create: () => Promise.resolve(logWithFault(bug)), timing: 0.1 };
  const report = await checkContract(workerLogContract(harness), { capabilities: [] });
  const failed = report.results.filter(({ status }) => status === 'failed');
  const reasons = failed.map(({ id, reason }) => [id, reason]);
  expect(failed.map(({ id }) => id).toSorted(), JSON.stringify(reasons, undefined, 1)).toEqual(fails.toSorted());
});

test('a case that fails tells what it waited for, not what its end waited for', async () => {
  const { bug } = logFaults['disposal lets nobody go'] ?? { bug: () => ({}) };
  const harness = { create: () => Promise.resolve(logWithFault(bug)), timing: 0.02 };
  const cases = workerLogContract(harness).filter(({ id }) => id === 'WL-FOLLOW-008');
  const { results } = await checkContract(cases, { capabilities: [] });
  expect(results.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/disposal ends who follows|the next page of a follower/),
  ]);
});

test('the ids of cases are unique', () => {
  const ids = workerLogContract({ create: () => Promise.resolve(inMemoryLog()) }).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
