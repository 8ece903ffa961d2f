import { describe, expect, it } from 'vitest';
import { QuestionId } from '../../../src/domain/ids.js';
import { isDue } from '../../../src/domain/worker/due.js';
import type { Step } from '../../support/decider-spec.js';
import { given } from '../../support/decider-spec.js';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import {
  answered,
  answerText,
  asked,
  asking,
  createWithInput,
  busy,
  cancel,
  closed,
  disconnected,
  faulted,
  g2,
  idle,
  input,
  inputDecided,
  lost,
  reconnect,
  remove,
  runEnded,
  said,
  stop,
  stopAnswered,
  stopped,
} from '../../support/worker-steps.js';

/** Whether the call of `command` is still made where its batch goes on with `rest`. */
const made = (steps: readonly Step[], command: WorkerCommand, ...rest: readonly Step[]): boolean => {
  const { decision } = given(...steps).when(command);
  const { state } = given(...steps, command, ...rest);
  expect(decision.calls).toHaveLength(1);
  return decision.calls.every((call) => isDue(call, state));
};

const refused = { outcome: 'rejected', code: 'question-unknown' } as const;

describe('the calls of a batch', () => {
  it.each<readonly [string, readonly Step[], WorkerCommand, Step]>([
    ['a spawn', closed, reconnect(), stop()],
    ['a recovery', lost, reconnect(), disconnected('connection-lost', g2)],
    ['a dispatch', idle, input(), disconnected()],
    ['a dispatch', [...idle, input(), said(runEnded())], input(undefined), said(runEnded())],
    ['a cancel', busy, cancel(), said(runEnded())],
    ['an answer', asking, answerText(), answered({ outcome: 'rejected', code: 'question-unknown' })],
    ['a stop', busy, stop(), faulted()],
    ['a stop', busy, stop(), stopAnswered()],
  ])('R5, W8: %s that its batch ends again is never made', (_, steps, command, end) => {
    expect(made(steps, command)).toBe(true);
    expect(made(steps, command, end)).toBe(false);
  });

  it('a stop is made though its execution exits in the same batch, for its answer ends the Worker', () => {
    expect(made(busy, stop(), disconnected())).toBe(true);
  });

  it('an answer is due while its own question waits for it, whatever becomes of others', () => {
    const other = said(asked(QuestionId('q-2')));
    expect(made([...asking, other], answerText())).toBe(true);
    expect(made([...asking, other, answerText('no', QuestionId('q-2'))], answerText(), answered(refused))).toBe(false);
  });

  it('the spawn of a create with a first input is due', () => {
    expect(made([], createWithInput())).toBe(true);
  });

  it('a removal is always made', () => {
    expect(made(stopped, remove, inputDecided(true))).toBe(true);
  });
});
