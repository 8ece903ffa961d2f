import type { Capabilities } from '../../ports/execution-backend.js';
import { QuestionId } from '../../domain/ids.js';
import type { Method } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId, type StagedExecution } from './stage.js';

export interface Answered {
  readonly outcome: string;
  readonly code?: string | undefined;
}

export interface Call {
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
