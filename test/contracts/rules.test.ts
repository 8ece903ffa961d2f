import { expect, test } from 'vitest';

import type { RuleId } from '../../src/contracts/contract-case.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { casesByRule, keptElsewhere } from '../../src/contracts/execution-backend/rules.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';

const counts = { W: 19, O: 7, P: 5, R: 6, E: 6, B: 5 } as const;
const everyRule = Object.entries(counts).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}` as RuleId),
);
const cases = executionBackendContract(scriptedHarness);

test('every rule has a case that fails for a backend which breaks it, or is kept by somebody else, and never both', () => {
  const cited = casesByRule(cases);
  const answeredTwiceOrNever = everyRule.filter((rule) => cited.has(rule) === rule in keptElsewhere);
  expect(answeredTwiceOrNever).toEqual([]);
});

test('no case cites a rule that does not exist', () => {
  const unknown = [...casesByRule(cases).keys()].filter((rule) => !everyRule.includes(rule));
  expect(unknown).toEqual([]);
});

test('the ids of cases are unique', () => {
  const ids = cases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
