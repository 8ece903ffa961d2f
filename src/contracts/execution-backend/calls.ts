import type { Capabilities } from '../../ports/execution-backend.js';
import { QuestionId } from '../../domain/ids.js';
import type { Answered, Method } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId, recoverRequest, type StagedExecution } from './stage.js';

export interface Call {
  readonly method: Method;
  readonly number: `00${number}`;
  /** The capability without which the method answers `unsupported`. */
  readonly capability?: keyof Capabilities;
  perform(execution: StagedExecution, signal: AbortSignal): Promise<Answered>;
}

const recoverIn = (execution: StagedExecution, signal: AbortSignal): Promise<Answered> => {
  const { stage, publisher } = execution;
  const here = { generation: publisher.generation, sequence: publisher.events.length };
  return stage.recover(publisher, recoverRequest(execution, here), { signal });
};

/** Every method, called in a way that changes nothing where it is refused. */
export const calls: readonly Call[] = [
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

export const needed = ({ capability }: Call): Pick<CaseDefinition, 'requires'> =>
  capability === undefined ? {} : { requires: [capability] };
