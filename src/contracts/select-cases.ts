import type { ContractCase } from './contract-case.js';
import { draws } from './draws.js';

export interface CaseSelection {
  /** Only what one of these means. Absent or empty: all. */
  readonly focus?: readonly string[] | undefined;
  /** Nothing that one of these means. */
  readonly skip?: readonly string[] | undefined;
}

/** Whether a pattern means a case: its id, the beginning of it (`EB-CANCEL`), or one of its rules (`W11`). */
export const matches = ({ id, rules }: ContractCase, pattern: string): boolean =>
  pattern !== '' && (id.startsWith(pattern) || rules.some((rule) => rule === pattern));

/** The cases that are in focus and not skipped, in their order. */
export function selectCases(
  cases: readonly ContractCase[],
  { focus = [], skip = [] }: CaseSelection,
): readonly ContractCase[] {
  const meant = (contractCase: ContractCase, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matches(contractCase, pattern));
  return cases.filter((each) => (focus.length === 0 || meant(each, focus)) && !meant(each, skip));
}

/** The cases in a random order, the same for the same cases and the same seed: an integer, of which 32 bits count. */
export function shuffleCases(cases: readonly ContractCase[], seed: number): readonly ContractCase[] {
  const next = draws(seed);
  const shuffled = [...cases];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const chosen = Math.floor(next() * (last + 1));
    [shuffled[last], shuffled[chosen]] = [shuffled[chosen] as ContractCase, shuffled[last] as ContractCase];
  }
  return shuffled;
}
