import { describe, expect, test } from 'vitest';

import { harnessOf, parseHarnessFile } from '../../src/cli/check/harness-file.js';
import { parseKnownFailures } from '../../src/cli/check/known-failures.js';
import { casesOf } from '../../src/cli/check/cases-of.js';
import { checkSelection } from '../../src/cli/check/selection.js';

const cases = casesOf('execution-backend');

describe('a harness file', () => {
  const read = (content: object) => parseHarnessFile(JSON.stringify(content), 'harness.json');

  test('that says nothing leaves the default words', () => {
    const { inputs } = harnessOf(read({}));
    expect(inputs.completes()).toEqual([{ type: 'text', text: 'complete' }]);
    expect(inputs.streams?.(3, 4)).toEqual([{ type: 'text', text: 'stream 3 4' }]);
  });

  test('may begin with a byte order mark', () => {
    expect(parseHarnessFile('\ufeff{"timing":2}', 'harness.json')).toEqual({ timing: 2 });
  });

  test('names words, and takes an input away by null', () => {
    const { inputs } = harnessOf(read({ inputs: { completes: 'Ada', streams: 'Ada {count}', asks: null } }));
    expect(inputs.completes()).toEqual([{ type: 'text', text: 'Ada' }]);
    expect(inputs.streams?.(7)).toEqual([{ type: 'text', text: 'Ada 7' }]);
    expect([inputs.asks, typeof inputs.withdraws]).toEqual([undefined, 'function']);
  });

  test('says profiles, answer, canaries and timing', () => {
    const content = {
      profile: { name: 'ada' },
      refusedProfile: { name: 'no', options: { secret: 's' } },
      answer: { optionId: 'yes' },
      canaries: ['s'],
      timing: 3,
    };
    const harness = harnessOf(read(content));
    expect(harness).toMatchObject({
      profile: { name: 'ada', options: {} },
      refusedProfile: { name: 'no', options: { secret: 's' } },
      canaries: ['s'],
      timing: 3,
    });
    expect(harness.answerTo?.({} as never)).toEqual({ optionId: 'yes' });
  });

  test.each([
    ['an unknown key', { input: {} }, 'harness.json: input: unknown key; did you mean "inputs"?'],
    ['an unknown input', { inputs: { complete: 'x' } }, 'inputs.complete: unknown key; did you mean "completes"?'],
    ['null for what every backend can', { inputs: { completes: null } }, 'inputs.completes: has to be a text'],
    ['an answer of no form', { answer: 'yes' }, 'answer: has to be {"text": "…"} or {"optionId": "…"}'],
    ['a list', [], 'harness.json: has to hold an object'],
  ])('with %s is refused', (_, content, line) => {
    expect(() => read(content)).toThrow(line);
  });

  test('that is no JSON is refused', () => {
    expect(() => parseHarnessFile('{', 'harness.json')).toThrow(/^harness\.json: is no JSON: /);
  });
});

describe('a list of known failures', () => {
  test('has one id a line, and comments', () => {
    const text = '# all of them\r\n\nEB-CUT-001\r\n  EB-STOP-001 # some day\n';
    expect(parseKnownFailures(text, 'known.txt', cases)).toEqual(['EB-CUT-001', 'EB-STOP-001']);
  });

  test('with what is no case is refused, line by line', () => {
    expect(() => parseKnownFailures('EB-CUT-001\nEB-STOP\nnothing alike\n', 'known.txt', cases)).toThrow(
      /^known\.txt:2: "EB-STOP" is the id of no case.*\nknown\.txt:3: "nothing alike" is .*; there are EB-SPAWN, /,
    );
  });
});

describe('a selection', () => {
  test.each([
    ['a beginning', 'EB-CANCL', 'did you mean "EB-CANCEL"?'],
    ['a case', 'EB-CANCEL-0001', 'did you mean "EB-CANCEL-001"?'],
    ['nothing that comes near', 'zzzzzzzz', 'there are EB-SPAWN, EB-DISPATCH'],
    ['nothing at all', '', '--focus "": no case'],
  ])('by what comes near to %s is refused', (_, pattern, advice) => {
    expect(() => checkSelection({ focus: [pattern], skip: [] }, cases)).toThrow(advice);
  });

  test('names every pattern that means no case', () => {
    expect(() => checkSelection({ focus: ['EB-X'], skip: ['WL-X'] }, cases)).toThrow(/--focus "EB-X".*\n--skip "WL-X"/);
  });

  test('of something is taken', () => {
    expect(() => checkSelection({ focus: ['EB-CANCEL', 'W7'], skip: ['EB-CANCEL-001'] }, cases)).not.toThrow();
  });
});
