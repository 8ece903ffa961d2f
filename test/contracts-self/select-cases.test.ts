import { describe, expect, test } from 'vitest';

import type { CaseResult } from '../../src/contracts/check-contract.js';
import type { ContractCase } from '../../src/contracts/contract-case.js';
import type { RuleId } from '../../src/contracts/rule-sentences.js';
import { selectCases, shuffleCases } from '../../src/contracts/select-cases.js';
import { verdictOf } from '../../src/contracts/verdict.js';

const caseOf = (id: string, ...rules: readonly RuleId[]): ContractCase => ({
  id,
  title: id,
  rules,
  deadlineMs: 1,
  run: () => Promise.resolve(),
});
const cases = [caseOf('A-1', 'W1'), caseOf('A-2', 'W11', 'E6'), caseOf('B-1', 'W11'), caseOf('B-2', 'W2')];
const idsOf = (selected: readonly ContractCase[]): readonly string[] => selected.map(({ id }) => id);

describe('a selection of cases', () => {
  test.each([
    ['nothing is named', {}, ['A-1', 'A-2', 'B-1', 'B-2']],
    ['an id is in focus', { focus: ['B-1'] }, ['B-1']],
    ['the beginning of ids is in focus', { focus: ['A-'] }, ['A-1', 'A-2']],
    ['a rule is in focus: it alone, not one that begins alike', { focus: ['W1'] }, ['A-1']],
    ['two are in focus: what either means', { focus: ['W11', 'B-2'] }, ['A-2', 'B-1', 'B-2']],
    ['a rule is skipped', { skip: ['W11'] }, ['A-1', 'B-2']],
    ['one is both in focus and skipped: it is skipped', { focus: ['A-'], skip: ['E6'] }, ['A-1']],
    ['an empty pattern is skipped: it means none', { skip: [''] }, ['A-1', 'A-2', 'B-1', 'B-2']],
  ])('where %s', (_, selection, ids) => expect(idsOf(selectCases(cases, selection))).toEqual(ids));
});

describe('a random order', () => {
  const many = Array.from({ length: 40 }, (_, index) => caseOf(`A-${index}`));

  test('is the same for the same seed, and another for another one', () => {
    expect(shuffleCases(many, 7)).toEqual(shuffleCases(many, 7));
    expect(idsOf(shuffleCases(many, 7))).not.toEqual(idsOf(shuffleCases(many, 8)));
    expect(idsOf(shuffleCases(many, 7))).not.toEqual(idsOf(many));
  });

  test('has each case once', () => {
    expect(idsOf(shuffleCases(many, 7)).toSorted()).toEqual(idsOf(many).toSorted());
  });

  test('puts every case first for some seed', () => {
    const first = Array.from({ length: 400 }, (_, seed) => shuffleCases(many, seed)[0]?.id);
    expect(new Set(first).size).toBe(many.length);
  });
});

describe('a verdict', () => {
  const result = (id: string, status: CaseResult['status'], reason = ''): CaseResult => ({
    ...{ id, title: id, rules: [], status, reason, durationMs: 0 },
  });
  const shown = (results: readonly CaseResult[]): readonly string[] => results.map(({ id }) => id);

  test('counts a repeated case once, as failed where it failed at all, with the first failure', () => {
    const verdict = verdictOf([
      result('A', 'passed'),
      result('A', 'failed', 'first'),
      result('A', 'failed', 'second'),
      result('B', 'passed'),
      result('B', 'passed'),
      result('C', 'skipped'),
    ]);
    expect(verdict.failed).toEqual([result('A', 'failed', 'first')]);
    expect([verdict.passed, verdict.skipped].map(shown)).toEqual([['B'], ['C']]);
    expect(verdict.isKept).toBe(false);
  });

  test('is kept where only what is known to fail failed, be it once of several times', () => {
    const verdict = verdictOf([result('A', 'passed'), result('A', 'failed'), result('B', 'passed')], ['A']);
    expect([verdict.known, verdict.failed, verdict.unexpectedlyPassed].map(shown)).toEqual([['A'], [], []]);
    expect(verdict.isKept).toBe(true);
  });

  test('is not kept where what is known to fail passed every time', () => {
    const verdict = verdictOf([result('A', 'passed'), result('A', 'passed')], ['A']);
    expect([verdict.unexpectedlyPassed, verdict.passed].map(shown)).toEqual([['A'], []]);
    expect(verdict.isKept).toBe(false);
  });

  test('says nothing of a known failure that was skipped or not run', () => {
    expect(verdictOf([result('A', 'skipped')], ['A', 'B'])).toMatchObject({
      known: [],
      unexpectedlyPassed: [],
      isKept: true,
    });
  });
});
