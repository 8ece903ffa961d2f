import { InputId, QuestionId, RuntimeId, WorkerId, isMintedId, isName, isUuid } from '../../../domain/ids.js';
import type { WorkerRef } from '../../../ports/browser-gateway.js';

import type { Parsed } from './parsed.js';
import { refuse } from './parsed.js';

/** The ids in an address, as texts. */
type Parameters = Readonly<Record<string, string>>;

/** What a path names. An id of the wrong form names nothing. */
export function runtimeIn({ runtimeId = '' }: Parameters): Parsed<RuntimeId> {
  return isName(runtimeId) ? { value: RuntimeId(runtimeId) } : refuse('runtime-unknown');
}

export function workerIn(parameters: Parameters): Parsed<WorkerRef> {
  const runtime = runtimeIn(parameters);
  if ('refusal' in runtime) return runtime;
  const { workerId = '' } = parameters;
  if (!isUuid(workerId)) return refuse('worker-unknown');
  return { value: { runtimeId: runtime.value, workerId: WorkerId(workerId) } };
}

/** The id of no Worker: it is never minted. */
const noWorker = '00000000-0000-0000-0000-000000000000';

/** For what does not care whether there is one: an id of the wrong form is the id of no Worker, which not everybody may ask for. */
export const workerOrNoneIn = ({ workerId = '', ...parameters }: Parameters): Parsed<WorkerRef> =>
  workerIn({ ...parameters, workerId: isUuid(workerId) ? workerId : noWorker });

export function inputIn(parameters: Parameters): Parsed<{ worker: WorkerRef; inputId: InputId }> {
  const worker = workerIn(parameters);
  if ('refusal' in worker) return worker;
  const { inputId = '' } = parameters;
  return isUuid(inputId) ? { value: { worker: worker.value, inputId: InputId(inputId) } } : refuse('input-not-open');
}

export function questionIn(parameters: Parameters): Parsed<{ worker: WorkerRef; questionId: QuestionId }> {
  const worker = workerIn(parameters);
  if ('refusal' in worker) return worker;
  const { questionId = '' } = parameters;
  if (!isMintedId(questionId)) return refuse('question-unknown');
  return { value: { worker: worker.value, questionId: QuestionId(questionId) } };
}
