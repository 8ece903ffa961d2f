import assert from 'node:assert/strict';

import type { InputId } from '../../domain/ids.js';
import type { Capability } from '../contract-case.js';
import type { RuleId } from '../rule-sentences.js';
import type { Answered, Method } from './answers.js';
import { answerTo, asked } from './questions.js';
import { newInputId, recoverRequest, type Stage, StagedExecution } from './stage.js';

/** A call that does something, to be made as often as a case wants. */
export interface OpenCall {
  readonly execution: StagedExecution;
  /** The run that it is about. */
  readonly inputId?: InputId | undefined;
  perform(signal?: AbortSignal): Promise<Answered>;
}

/** A method, and what brings an execution to where a call of it does something. */
export interface Situation {
  readonly method: Method;
  readonly number: `00${number}`;
  /** What a call of it does once, however often it is made. */
  readonly rules: readonly RuleId[];
  readonly requires: readonly Capability[];
  arrange(stage: Stage): Promise<OpenCall>;
}

async function beforeSpawn(stage: Stage): Promise<OpenCall> {
  const publisher = stage.publisher();
  const facts = { capabilities: { cancel: true, stop: true, recover: true, questions: true } };
  const execution = new StagedExecution(stage, publisher, facts);
  const perform = (signal = stage.signal): Promise<Answered> => stage.spawn(publisher, stage.harness.profile, signal);
  return Promise.resolve({ execution, perform });
}

/** A take-over by generation 2 of a run that has ended, of which nothing was recorded, nor is before `release`. */
async function beforeRecover(stage: Stage): Promise<OpenCall> {
  const former = await stage.execution({ recordUpTo: 0 });
  const inputId = await former.begin(stage.inputs.completes());
  await former.ended(inputId);
  const execution = new StagedExecution(stage, stage.publisher({ ...former.named(2), recordUpTo: 0 }), former.facts);
  const takeover = { generation: 2, sequence: 0, inputId };
  const perform = (signal = stage.signal): Promise<Answered> =>
    stage.recover(execution.publisher, recoverRequest(former, takeover), { signal });
  return { execution, inputId, perform };
}

async function beforeDispatch(stage: Stage): Promise<OpenCall> {
  const execution = await stage.execution();
  const inputId = newInputId();
  const parts = stage.inputs.completes();
  return { execution, inputId, perform: (signal) => execution.dispatch(parts, inputId, signal) };
}

async function beforeAnswer(stage: Stage): Promise<OpenCall> {
  const execution = await stage.execution();
  const question = await asked(execution);
  assert.ok(question.inputId, 'a question names its input');
  const answer = answerTo(stage.harness, question);
  const perform = (signal?: AbortSignal): Promise<Answered> => execution.answer(question.questionId, answer, signal);
  return { execution, inputId: question.inputId, perform };
}

async function beforeCancel(stage: Stage): Promise<OpenCall> {
  const execution = await stage.execution();
  const inputId = await execution.running(stage.inputs.runsUntilCancelled());
  return { execution, inputId, perform: (signal) => execution.cancel(inputId, signal) };
}

async function beforeStop(stage: Stage): Promise<OpenCall> {
  const execution = await stage.execution();
  const inputId = await execution.running(stage.inputs.runsUntilCancelled());
  return { execution, inputId, perform: (signal) => execution.stop(stage.deadlineMs, signal) };
}

/** Every method, where a call of it does something. */
export const situations: readonly Situation[] = [
  { method: 'spawn', number: '001', rules: ['E5', 'W16'], requires: [], arrange: beforeSpawn },
  { method: 'recover', number: '002', rules: ['E5', 'W16', 'O4'], requires: ['recover'], arrange: beforeRecover },
  { method: 'dispatch', number: '003', rules: ['W8', 'O4'], requires: [], arrange: beforeDispatch },
  { method: 'answer', number: '004', rules: ['W17', 'O4'], requires: ['questions', 'asks'], arrange: beforeAnswer },
  {
    method: 'cancel',
    number: '005',
    rules: ['W11', 'O4'],
    requires: ['cancel', 'runs-until-cancelled'],
    arrange: beforeCancel,
  },
  {
    method: 'stop',
    number: '006',
    rules: ['W13', 'O4'],
    requires: ['stop', 'runs-until-cancelled'],
    arrange: beforeStop,
  },
];
