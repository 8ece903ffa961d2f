import assert from 'node:assert/strict';

import { QuestionId } from '../../domain/ids.js';
import type { Capabilities } from '../../ports/execution-backend.js';
import { assertClosed, assertStale, type Method } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId, type Stage, StagedExecution } from './stage.js';

type Answered = { readonly outcome: string; readonly code?: string | undefined };
interface Call {
  readonly method: Method;
  readonly number: `00${number}`;
  /** The capability without which the method answers `unsupported`. */
  readonly capability?: keyof Capabilities;
  perform(execution: StagedExecution, signal: AbortSignal): Promise<Answered>;
}

const recoverIn = ({ stage, publisher, handle }: StagedExecution, signal: AbortSignal): Promise<Answered> => {
  const position = { generation: handle.generation, sequence: publisher.events.length };
  const request = { handle, position, deadlineMs: stage.deadlineMs };
  return stage.answered('recover', () => stage.backend.recover(request, publisher, { signal }));
};

/** Every method, called in a way that changes nothing where it is refused. */
const calls: readonly Call[] = [
  {
    method: 'spawn',
    number: '001',
    perform: ({ stage, publisher }, signal) => stage.spawn(publisher, stage.harness.profile, signal),
  },
  { method: 'recover', number: '002', capability: 'recover', perform: recoverIn },
  {
    method: 'dispatch',
    number: '003',
    perform: (execution, signal) => execution.dispatch(execution.stage.inputs.completes(), newInputId(), signal),
  },
  {
    method: 'answer',
    number: '004',
    capability: 'questions',
    perform: (execution, signal) => execution.answer(QuestionId('never-asked'), { text: 'yes' }, signal),
  },
  {
    method: 'cancel',
    number: '005',
    capability: 'cancel',
    perform: (execution, signal) => execution.cancel(newInputId(), signal),
  },
  {
    method: 'stop',
    number: '006',
    capability: 'stop',
    perform: (execution, signal) => execution.stop(execution.stage.deadlineMs, signal),
  },
];

const needed = ({ capability }: Call): Pick<CaseDefinition, 'requires'> =>
  capability === undefined ? {} : { requires: [capability] };

/** E6: a lower generation is answered `stale-generation` and does nothing. */
const staleGeneration = (call: Call): CaseDefinition => ({
  ...needed(call),
  id: `EB-STALE-${call.number}`,
  title: `${call.method} under a lower generation answers stale-generation, and the execution goes on`,
  rules: ['E6', 'W15'],
  async run(stage) {
    const execution = await stage.execution({ generation: 2 });
    const publisher = stage.publisher(execution.named(1));
    const stale = new StagedExecution(stage, publisher, execution.facts);
    assertStale(await call.perform(stale, stage.signal), call.method);
    await execution.completes();
    assert.deepEqual(publisher.events, [], 'the lower generation says nothing');
  },
});

async function goesOn(stage: Stage, execution: StagedExecution): Promise<void> {
  const { workerId } = execution.handle;
  const fresh = await stage.execution({ workerId, generation: execution.handle.generation + 1 });
  await fresh.completes();
}

/** W16, W18: a call whose caller has gone is answered by a value, and does not harm what comes after it. */
const alreadyAborted = (call: Call): CaseDefinition => ({
  ...needed(call),
  id: `EB-ABORTED-${call.number}`,
  title: `${call.method} with a signal that has aborted is answered by a value, and the Worker can go on`,
  rules: ['W16', 'W18'],
  async run(stage) {
    const publisher = stage.publisher();
    const facts = { capabilities: { cancel: true, stop: true, recover: true, questions: true } };
    const execution =
      call.method === 'spawn' ? new StagedExecution(stage, publisher, facts) : await stage.execution(publisher);
    assertClosed(call.method, await call.perform(execution, AbortSignal.abort()));
    await goesOn(stage, execution);
  },
});

/** W12: what is not declared answers `unsupported` and changes nothing. */
const undeclared = (call: Call & { readonly capability: keyof Capabilities }): CaseDefinition => ({
  id: `EB-UNSUPPORTED-${call.number}`,
  title: `${call.method} without its capability answers unsupported, and the execution goes on`,
  rules: ['W12'],
  excludes: [call.capability],
  async run(stage) {
    const execution = await stage.execution();
    assert.equal((await call.perform(execution, stage.signal)).outcome, 'unsupported');
    await execution.completes();
  },
});

/** W18: nothing hangs on what has been disposed. */
const afterDisposal = (call: Call): CaseDefinition => ({
  ...needed(call),
  id: `EB-DISPOSED-${call.number}`,
  title: `${call.method} on a disposed backend is answered by a value, and nothing connects or runs`,
  rules: ['W16', 'W18'],
  async run(stage) {
    const execution = await stage.execution();
    await stage.answered('dispose', async () => stage.backend[Symbol.asyncDispose]());
    const answer = await call.perform(call.method === 'spawn' ? fresh(stage, execution) : execution, stage.signal);
    assertClosed(call.method, answer);
    const ran =
      ['connected', 'adopted'].includes(answer.outcome) ||
      (call.method === 'dispatch' && answer.outcome === 'accepted');
    assert.ok(!ran, `${call.method} is refused, not ${answer.outcome}`);
  },
});

const fresh = (stage: Stage, { facts }: StagedExecution): StagedExecution =>
  new StagedExecution(stage, stage.publisher(), facts);

const isCapability = (call: Call): call is Call & { readonly capability: keyof Capabilities } =>
  call.capability !== undefined;

/** The same claims about every method, so that none is forgotten. */
export const traitCases: readonly CaseDefinition[] = [
  ...calls.map(staleGeneration),
  ...calls.map(alreadyAborted),
  ...calls.filter(isCapability).map(undeclared),
  ...calls.map(afterDisposal),
];
