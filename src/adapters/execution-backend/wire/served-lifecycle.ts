import type { InputId } from '../../../domain/ids.js';
import type {
  RecoverParams,
  RecoverResult,
  SpawnParams,
  SpawnResult,
  StopParams,
  StopResult,
} from '../../../protocol/ebp.js';
import type { Position } from '../../../ports/execution-backend.js';
import { controlResult, recoverResult, spawnResult, stopResult } from '../../../protocol/ebp.js';
import type { KeptState } from './kept-state.js';
import { authorsPosition, keptState, ownState } from './kept-state.js';
import { stale, unsupported } from './refusals.js';
import type { ServedLink } from './served-link.js';
import type { Adoption, ServedFacts, ServedWorker } from './served-worker.js';
import type { ServedWorkers } from './served-workers.js';

/** An answer, and what begins only after it was sent. */
export interface Answered<T> {
  readonly result: T;
  readonly afterwards?: (() => void) | undefined;
  /** The mark of the stream that it goes behind. By default, everything that was said. */
  readonly after?: number | undefined;
}

const timedOut = { outcome: 'errored', code: 'backend-timeout' } as const;
export const lost = { outcome: 'lost' } as const;
export const stopped = { outcome: 'accepted', end: 'stopped' } as const;

/** Begins an execution; asked again it is the same one, and a higher generation first ends what is there (E6). */
export async function spawn(workers: ServedWorkers, params: SpawnParams, link: ServedLink): Promise<SpawnResult> {
  const { workerId, generation } = params;
  const current = workers.get(workerId);
  if (workers.fences.isStale(workerId, generation)) return stale;
  if (current?.generation === generation) return sameSpawn(workers, current, link);
  const fence = workers.fences.of(workerId);
  if (fence?.generation === generation) return fence.refusal ?? stale;
  workers.fences.raise(workerId, generation, link);
  const worker = workers.open({
    handle: { workerId, generation },
    begin: { generation, position: { generation, sequence: 0 }, authored: 0 },
    link,
  });
  const beginning = begin(workers, worker, current, params);
  worker.beginning = beginning;
  return beginning;
}

async function begin(
  workers: ServedWorkers,
  worker: ServedWorker,
  former: ServedWorker | undefined,
  { profile, displayName }: SpawnParams,
): Promise<SpawnResult> {
  if (former) await workers.abandon(former);
  const { workerId, generation } = worker.handle;
  const request = { workerId, generation, profile, displayName };
  const result = await workers.author.ask('spawn', spawnResult, worker.link, (backend, call) =>
    backend.spawn(request, worker.publisher, call),
  );
  if (result.outcome !== 'connected') {
    workers.fences.raise(workerId, generation, { refusal: result });
    workers.forget(worker);
    return result;
  }
  return { outcome: 'connected', ...connect(workers, worker, result) };
}

/** An execution that can be held without a connection can be recovered, whatever its author does for it. */
function connect(
  workers: ServedWorkers,
  worker: ServedWorker,
  { capabilities, codes, recoverState }: ServedFacts,
): ServedFacts {
  const isHeld = worker.outlivesMs > 0;
  const facts = { capabilities: isHeld ? { ...capabilities, recover: {} } : capabilities, codes, recoverState };
  worker.begun(facts);
  if (worker.isEnded) void workers.stopAgain(worker);
  return factsFor(workers, worker, facts);
}

/** What the host is told of it, and keeps. */
function factsFor({ fences }: ServedWorkers, { workerId, count }: ServedWorker, facts: ServedFacts): ServedFacts {
  const owner = fences.of(workerId)?.owner;
  return { ...facts, recoverState: keptState({ owner, recoverState: facts.recoverState, count }) };
}

async function sameSpawn(workers: ServedWorkers, worker: ServedWorker, link: ServedLink): Promise<SpawnResult> {
  const { workerId, generation } = worker;
  const isWhole = worker.stream.numberAt({ generation, sequence: 0 }) === 0;
  if (worker.link !== link && isWhole && !worker.isEnded) {
    worker.claim(link);
    worker.stream.follow(link, generation, 0);
  }
  await worker.beginning;
  if (worker.facts && !worker.isEnded) return { outcome: 'connected', ...factsFor(workers, worker, worker.facts) };
  return workers.fences.of(workerId)?.refusal ?? stale;
}

/** Finds an execution again: goes on with one that runs here, or asks the author for one that does not. */
export async function recover(
  workers: ServedWorkers,
  params: RecoverParams,
  link: ServedLink,
): Promise<Answered<RecoverResult>> {
  const { workerId, generation, deadlineMs } = params;
  if (workers.fences.isStale(workerId, generation)) return { result: stale };
  const current = workers.get(workerId);
  const request = JSON.stringify([generation, params.position, params.inputId]);
  if (current && !current.isEnded) {
    if (current.adoption?.link === link && current.adoption.request === request)
      return { result: await current.adoption.answer };
    workers.fences.raise(workerId, generation, link);
    const answered = workers
      .within(deadlineMs, goOn(workers, current, params, link))
      .then((answer): Answered<RecoverResult> => answer ?? { result: timedOut });
    adopt(current, { link, request, answer: answered.then(({ result }) => result) });
    return answered;
  }
  const isKnown = workers.fences.of(workerId)?.generation === generation;
  if (isKnown) return { result: lost };
  // Whom it does not belong to leaves no mark: its own key still finds it.
  const own = ownState(link.owner, params.recoverState);
  const known = own && authorsPosition(params.position, own.count);
  if (!known) return { result: lost };
  workers.fences.raise(workerId, generation, link);
  return { result: await recoverAtAuthor(workers, { params, own, known, link, request }) };
}

/** Remembers the answer for as long as it is an acceptance. */
function adopt(worker: ServedWorker, adoption: Adoption): void {
  worker.adoption = adoption;
  const forget = (): void => {
    if (worker.adoption === adoption) worker.adoption = undefined;
  };
  adoption.answer.then(({ outcome }) => (outcome === 'adopted' ? undefined : forget()), forget);
}

interface Recovery {
  readonly params: RecoverParams;
  readonly own: KeptState;
  readonly known: Position;
  readonly link: ServedLink;
  readonly request: string;
}

async function recoverAtAuthor(
  workers: ServedWorkers,
  { params, own, known, link, request }: Recovery,
): Promise<RecoverResult> {
  const { workerId, generation, position, inputId, deadlineMs } = params;
  const isResumed = position.generation === generation;
  const handle = {
    workerId,
    generation: isResumed ? known.generation : generation,
    recoverState: own.recoverState,
  };
  const worker = workers.open({
    handle,
    begin: {
      generation,
      position,
      authored: isResumed ? known.sequence : 0,
    },
    count: isResumed ? own.count : undefined,
    link,
  });
  const beginning = workers.author.ask('recover', recoverResult, link, (backend, call) =>
    backend.recover({ handle, position: known, inputId, deadlineMs }, worker.publisher, call),
  );
  worker.beginning = beginning;
  const answer = beginning.then((result): RecoverResult => {
    if (result.outcome !== 'adopted') {
      workers.forget(worker);
      return result;
    }
    if (inputId !== undefined && result.taken) worker.inputs.adopt(inputId);
    return { ...result, ...connect(workers, worker, result) };
  });
  adopt(worker, { link, request, answer });
  return answer;
}

/** The newest connection that recovers an execution holds it. What follows its position comes after the answer. */
async function goOn(
  workers: ServedWorkers,
  worker: ServedWorker,
  params: RecoverParams,
  link: ServedLink,
): Promise<Answered<RecoverResult>> {
  const { generation, position, inputId } = params;
  await worker.beginning;
  const number = worker.stream.numberAt(position);
  if (!worker.facts || number === undefined || !worker.stream.fits(link)) return { result: lost };
  const claim = worker.claim(link);
  await worker.inputs.allDecided();
  const isAlone = await endOtherRun(workers, worker, inputId);
  if (worker.claims !== claim || worker.isEnded) return { result: stale };
  if (!isAlone) {
    void workers.abandon(worker);
    return { result: lost };
  }
  const taken = inputId === undefined ? {} : { taken: worker.inputs.isTaken(inputId) };
  if (worker.generation !== generation) worker.countFrom(number);
  worker.generation = generation;
  return {
    result: { outcome: 'adopted', ...factsFor(workers, worker, worker.facts), ...taken },
    afterwards: () => {
      if (worker.claims === claim && !worker.isEnded) worker.follow(link, number);
    },
  };
}

/** Ends a run that the host does not know of, without a word. `false`: it could not be ended. */
async function endOtherRun(workers: ServedWorkers, worker: ServedWorker, known: InputId | undefined): Promise<boolean> {
  const inputId = worker.inputs.open;
  if (inputId === undefined || inputId === known) return true;
  worker.mute(inputId);
  const result = await workers.author.ask('cancel', controlResult, worker.link, (backend, call) =>
    backend.cancel(worker.handle, { inputId, deadlineMs: 0 }, call),
  );
  worker.inputs.open = undefined;
  return result.outcome === 'accepted' || (result.outcome === 'rejected' && result.code === 'input-not-open');
}

/** Ends an execution by its name, also one that is not known here (R5). */
export async function stop(
  workers: ServedWorkers,
  params: StopParams,
  link: ServedLink,
): Promise<Answered<StopResult>> {
  const { workerId, generation, graceMs } = params;
  if (workers.fences.isStale(workerId, generation)) return { result: stale };
  const worker = workers.get(workerId);
  if (worker?.facts && !worker.facts.capabilities.stop) return { result: unsupported };
  workers.fences.raise(workerId, generation, link);
  if (!worker) return { result: await stopUnknown(workers, params, link) };
  const result = await workers.stop(worker, graceMs);
  return { result, afterwards: result.outcome === 'accepted' ? () => workers.forget(worker) : undefined };
}

async function stopUnknown(workers: ServedWorkers, params: StopParams, link: ServedLink): Promise<StopResult> {
  const { workerId, generation, graceMs } = params;
  const result = await workers.author.ask('stop', stopResult, link, (backend, call) =>
    backend.stop({ workerId, generation }, { graceMs }, call),
  );
  return result.outcome === 'unsupported' ? stopped : result;
}
