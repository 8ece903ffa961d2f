import { expect, test } from 'vitest';

import { type RuleId, ruleSentences } from '../../src/contracts/rule-sentences.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { casesByRule, keptElsewhere } from '../../src/contracts/execution-backend/rules.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';

const everyRule = Object.keys(ruleSentences) as readonly RuleId[];
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
