import { afterAll, beforeAll, expect } from 'vitest';

/** The tests of this file together take no longer; `WORKPORT_BUDGET_FACTOR` gives them more on a slow machine. */
export function withinBudget(budgetMs: number): void {
  const factor = Number(process.env['WORKPORT_BUDGET_FACTOR'] ?? '1') || 1;
  let startedAt = 0;
  beforeAll(() => {
    startedAt = performance.now();
  });
  afterAll(() => expect(performance.now() - startedAt).toBeLessThan(budgetMs * factor));
}
