import type { Generation, WorkerId } from '../../../domain/ids.js';
import type {
  AnswerParams,
  CancelParams,
  ControlResult,
  InputParams,
  InputResult,
  SpawnParams,
} from '../../../protocol/ebp.js';
import {
  answerParams,
  cancelParams,
  controlResult,
  inputParams,
  inputResult,
  recoverParams,
  spawnParams,
  stopParams,
} from '../../../protocol/ebp.js';
import type { Author, Faulted } from './author.js';
import { disconnected, stale, unavailable, unsupported } from './refusals.js';
import type { Schema } from './schema.js';
import type { Answered } from './served-lifecycle.js';
import { lost, recover, spawn, stop, stopped } from './served-lifecycle.js';
import type { ServedLink } from './served-link.js';
import type { ServedWorker } from './served-worker.js';
import type { ServedWorkers } from './served-workers.js';

interface Named {
  readonly workerId: WorkerId;
  readonly generation: Generation;
}
type Call = Parameters<Author['ask']>[3];

/** The execution that a request is for, or why there is none. */
function addressed(
  workers: ServedWorkers,
  { workerId, generation }: Named,
  link: ServedLink,
): ServedWorker | typeof stale | typeof disconnected {
  if (workers.fences.isStale(workerId, generation)) return stale;
  const worker = workers.get(workerId);
  return worker?.generation === generation && worker.isHeldBy(link) ? worker : disconnected;
}

/**
 * Asks the author about an execution. The answer goes behind what was published before the author gave it, and before
 * what is published from then on.
 */
async function ask<T>(
  workers: ServedWorkers,
  worker: ServedWorker,
  method: string,
  schema: Schema<T>,
  call: Call,
): Promise<{ readonly result: T | Faulted; readonly after: number }> {
  let after: number | undefined;
  const result = await workers.author.ask(method, schema, worker.link, (backend, context) => {
    const outcome = call(backend, context);
    const mark = (): void => void (after = worker.stream.mark);
    void outcome.then(mark, mark);
    return outcome;
  });
  return { result, after: after ?? worker.stream.mark };
}

async function input(workers: ServedWorkers, params: InputParams, link: ServedLink): Promise<Answered<InputResult>> {
  const { inputId, parts } = params;
  const worker = addressed(workers, params, link);
  if ('outcome' in worker) return { result: worker };
  if (worker.inputs.isTaken(inputId)) return { result: { outcome: 'accepted' } };
  return worker.inputs.hand(inputId, () =>
    ask(workers, worker, 'dispatch', inputResult, (backend, call) =>
      backend.dispatch(worker.handle, { inputId, parts }, call),
    ),
  );
}

async function answer(
  workers: ServedWorkers,
  params: AnswerParams,
  link: ServedLink,
): Promise<Answered<ControlResult>> {
  const worker = addressed(workers, params, link);
  if ('outcome' in worker) return { result: worker };
  if (!worker.facts?.capabilities.questions) return { result: unsupported };
  return worker.questions.hand(params.questionId, params.answer, (questionId) =>
    ask(workers, worker, 'answer', controlResult, (backend, call) =>
      backend.answer(worker.handle, { questionId, answer: params.answer }, call),
    ),
  );
}

async function cancel(
  workers: ServedWorkers,
  params: CancelParams,
  link: ServedLink,
): Promise<Answered<ControlResult>> {
  const { inputId, deadlineMs } = params;
  const worker = addressed(workers, params, link);
  if ('outcome' in worker) return { result: worker };
  if (!worker.facts?.capabilities.cancel) return { result: unsupported };
  return ask(workers, worker, 'cancel', controlResult, (backend, call) =>
    backend.cancel(worker.handle, { inputId, deadlineMs }, call),
  );
}

interface Method<P> {
  readonly schema: Schema<P>;
  readonly run: (workers: ServedWorkers, params: P, link: ServedLink) => Promise<Answered<object>>;
  /** What somebody is told of an execution that belongs to another key: nothing but that there is none. */
  readonly foreign: object;
  /** Its answer goes also while the window is full: nothing is acknowledged before it. */
  readonly isOpening?: boolean;
}

/** A request of a Worker, read and performed. `undefined`: its params are wrong. */
export type Perform = (
  workers: ServedWorkers,
  params: unknown,
  link: ServedLink,
) =>
  | {
      /** The execution behind whose events the answer goes, where there is one. */
      readonly workerId: WorkerId | undefined;
      readonly isOpening: boolean;
      readonly answered: Promise<Answered<object>>;
    }
  | undefined;

function method<P extends Named>({ schema, run, foreign, isOpening = false }: Method<P>): Perform {
  return (workers, params, link) => {
    const parsed = schema.safeParse(params);
    if (!parsed.success) return undefined;
    const { workerId } = parsed.data;
    if (!workers.fences.isForeign(workerId, link.owner)) {
      return { workerId, isOpening, answered: run(workers, parsed.data, link) };
    }
    return { workerId: undefined, isOpening, answered: Promise.resolve({ result: foreign }) };
  };
}

const spawnAnswered: Method<SpawnParams>['run'] = async (workers, params, link) => ({
  result: await spawn(workers, params, link),
});

/** The requests that carry a Worker. */
export const workerMethods: ReadonlyMap<string, Perform> = new Map([
  ['worker/spawn', method({ schema: spawnParams, run: spawnAnswered, foreign: unavailable(), isOpening: true })],
  ['worker/recover', method({ schema: recoverParams, run: recover, foreign: lost, isOpening: true })],
  ['worker/input', method({ schema: inputParams, run: input, foreign: disconnected })],
  ['worker/answer', method({ schema: answerParams, run: answer, foreign: disconnected })],
  ['worker/cancel', method({ schema: cancelParams, run: cancel, foreign: disconnected })],
  ['worker/stop', method({ schema: stopParams, run: stop, foreign: stopped })],
]);
