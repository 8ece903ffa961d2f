import { ConfigError } from '../../composition/config/config-error.js';
import { nearMatch } from '../../composition/config/near-match.js';
import type { ContractCase } from '../../contracts/contract-case.js';
import type { CaseSelection } from '../../contracts/select-cases.js';
import { matches, selectCases } from '../../contracts/select-cases.js';

const withoutNumber = (id: string): string => id.replace(/-[^-]*$/, '');
const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** What is said after something that means no case: what was probably meant, and what there is. */
export function caseSuggestion(word: string, cases: readonly ContractCase[]): string {
  const groups = unique(cases.map(({ id }) => withoutNumber(id)));
  const rules = unique(cases.flatMap((each) => each.rules));
  const near = nearMatch(word, [...groups, ...rules, ...cases.map(({ id }) => id)]);
  return near === undefined ? `; there are ${groups.join(', ')}` : `; did you mean "${near}"?`;
}

function problemOf(option: string, pattern: string, cases: readonly ContractCase[]): readonly string[] {
  if (cases.some((contractCase) => matches(contractCase, pattern))) return [];
  const form = 'no case of this port has such an id, beginning of an id, or rule';
  return [`--${option} ${JSON.stringify(pattern)}: ${form}${caseSuggestion(pattern, cases)}`];
}

/** Refuses patterns that mean no case, and a selection that leaves none. */
export function checkSelection(selection: Required<CaseSelection>, cases: readonly ContractCase[]): void {
  const { focus = [], skip = [] } = selection;
  const problems = [
    ...focus.flatMap((pattern) => problemOf('focus', pattern, cases)),
    ...skip.flatMap((pattern) => problemOf('skip', pattern, cases)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  if (selectCases(cases, selection).length === 0) {
    throw new ConfigError(['--skip leaves no case of those in focus: take one of the patterns away']);
  }
}
