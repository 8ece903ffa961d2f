import type { WorkerId } from '../../../domain/ids.js';
import type {
  CallContext,
  CancelOutcome,
  CancelRequest,
  ControlOutcome,
  DispatchOutcome,
  ExecutionHandle,
  ExecutionInput,
  QuestionAnswer,
  RecoverOutcome,
  RecoverRequest,
  Refused,
  SpawnOutcome,
  SpawnRequest,
  StopOutcome,
  StopRequest,
} from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';
import { controlResult, inputResult, recoverResult, spawnResult, stopResult } from '../../../protocol/ebp.js';
import type { HostConnection } from './host-connection.js';
import { factsOf, resultOf } from './host-replies.js';
import { HostWorker } from './host-worker.js';
import type { Reply } from './peer.js';
import { disconnected, stale, unavailable, unsupported } from './refusals.js';
import { WireError } from './wire-error.js';

/** The operations of a backend as requests on the current connection. Nothing is ever sent twice by it (E5). */
export abstract class HostOperations {
  protected readonly logger: Logger;
  protected readonly workers: Map<WorkerId, HostWorker>;
  protected connection: HostConnection | undefined;

  constructor(logger: Logger, workers: Map<WorkerId, HostWorker>) {
    this.logger = logger;
    this.workers = workers;
  }

  async spawn(request: SpawnRequest, publisher: ObservationPublisher, call: CallContext): Promise<SpawnOutcome> {
    const { workerId, generation, profile, displayName } = request;
    if (!this.connection) return unavailable();
    const worker = this.#hold(publisher, 0);
    if (!worker) return stale;
    const params = { workerId, generation, profile, displayName };
    return this.#begin(worker, async ({ peer }) => {
      const result = resultOf(peer, await peer.request('worker/spawn', params, call.signal), spawnResult);
      if (result.outcome !== 'connected') return result;
      worker.facts = factsOf(result);
      return { outcome: 'connected', ...worker.facts };
    });
  }

  async recover(request: RecoverRequest, publisher: ObservationPublisher, call: CallContext): Promise<RecoverOutcome> {
    const { handle, position, inputId, deadlineMs } = request;
    const { workerId, generation, recoverState } = handle;
    if (!this.connection) return disconnected;
    if (this.workers.get(workerId)?.facts?.capabilities.recover === false) return unsupported;
    const isResumption = position.generation === generation;
    const worker = this.#hold(publisher, isResumption ? position.sequence : 0);
    if (!worker) return stale;
    const params = { workerId, generation, recoverState, position, inputId, deadlineMs };
    return this.#begin(worker, async ({ peer }) => {
      const result = resultOf(peer, await peer.request('worker/recover', params, call.signal), recoverResult);
      if (result.outcome !== 'adopted') return result;
      worker.facts = factsOf(result);
      if (inputId && result.taken) worker.input ??= { inputId, decided: true };
      return { outcome: 'adopted', ...worker.facts, taken: result.taken };
    });
  }

  async dispatch(handle: ExecutionHandle, input: ExecutionInput, call: CallContext): Promise<DispatchOutcome> {
    const worker = this.#held(handle);
    const peer = worker?.peer;
    if (!worker || !peer || worker.isResuming) return this.#absence(handle);
    const { workerId, generation } = handle;
    const { inputId, parts } = input;
    const current = (worker.input ??= { inputId, decided: false });
    const reply = await peer.request('worker/input', { workerId, generation, inputId, parts }, call.signal);
    if (reply.type === 'lost' || reply.type === 'aborted') return { outcome: 'unknown' };
    const outcome = resultOf(peer, reply, inputResult);
    if (isFault(reply, outcome)) throw new WireError('backend-fault');
    if (current.inputId !== inputId) return outcome;
    if (outcome.outcome === 'accepted') current.decided = true;
    else if (!current.decided && worker.input === current) worker.input = undefined;
    return outcome;
  }

  async answer(handle: ExecutionHandle, answer: QuestionAnswer, call: CallContext): Promise<ControlOutcome> {
    const worker = this.#held(handle);
    if (worker?.facts?.capabilities.questions === false) return unsupported;
    const { workerId, generation } = handle;
    return this.#control(handle, 'worker/answer', { workerId, generation, ...answer }, call);
  }

  async cancel(handle: ExecutionHandle, request: CancelRequest, call: CallContext): Promise<CancelOutcome> {
    const worker = this.#held(handle);
    if (worker?.facts?.capabilities.cancel === false) return unsupported;
    const { workerId, generation } = handle;
    return this.#control(handle, 'worker/cancel', { workerId, generation, ...request }, call);
  }

  async stop(handle: ExecutionHandle, request: StopRequest, call: CallContext): Promise<StopOutcome> {
    const held = this.#held(handle);
    if (held?.facts?.capabilities.stop === false) return unsupported;
    const peer = this.connection?.peer;
    if (!peer) return disconnected;
    const { workerId, generation } = handle;
    const reply = await peer.request('worker/stop', { workerId, generation, graceMs: request.graceMs }, call.signal);
    const outcome = resultOf(peer, reply, stopResult);
    const worker = this.workers.get(workerId);
    if (worker && worker.generation <= generation && outcome.outcome === 'accepted') this.release(worker);
    return outcome;
  }

  /** Lets go of a generation: what still comes of it is ignored. `false`: it was let go before. */
  protected release(worker: HostWorker): boolean {
    if (this.workers.get(worker.workerId) !== worker) return false;
    worker.stopWaiting();
    return this.workers.delete(worker.workerId);
  }

  async #begin<T extends { readonly outcome: string }>(
    worker: HostWorker,
    ask: (connection: HostConnection) => Promise<T>,
  ): Promise<T | Refused> {
    const { connection } = this;
    if (!connection) return disconnected;
    if (worker.peer !== connection.peer) worker.attach(connection.peer);
    // Asked again for what is held, a call that fails changes nothing.
    let isHeld = worker.facts !== undefined;
    try {
      const outcome = await ask(connection);
      isHeld = ['connected', 'adopted', ...(isHeld ? ['errored'] : [])].includes(outcome.outcome);
      if (outcome.outcome === 'adopted') worker.stopWaiting();
      return outcome;
    } finally {
      if (!isHeld) this.release(worker);
    }
  }

  async #control(handle: ExecutionHandle, method: string, params: object, call: CallContext): Promise<ControlOutcome> {
    const worker = this.#held(handle);
    if (!worker?.peer || worker.isResuming) return this.#absence(handle);
    const { peer } = worker;
    return resultOf(peer, await peer.request(method, params, call.signal), controlResult);
  }

  #held({ workerId, generation }: ExecutionHandle): HostWorker | undefined {
    const worker = this.workers.get(workerId);
    return worker?.generation === generation ? worker : undefined;
  }

  /** Why a handle has no execution here: a higher generation is held (E6), or nothing is connected. */
  #absence({ workerId, generation }: ExecutionHandle): Refused {
    const held = this.workers.get(workerId);
    return held && held.generation > generation ? stale : disconnected;
  }

  /** The generation of `publisher`, in place of a lower one. `undefined`: a higher one is held. */
  #hold(publisher: ObservationPublisher, position: number): HostWorker | undefined {
    const held = this.workers.get(publisher.workerId);
    if (held && held.generation > publisher.generation) return undefined;
    if (held && held.generation === publisher.generation) return held;
    held?.detach();
    held?.stopWaiting();
    const worker = new HostWorker(publisher, position, this.logger);
    this.workers.set(publisher.workerId, worker);
    return worker;
  }
}

/** A backend that failed at an input cannot tell whether it runs: that is no refusal (W8). */
const isFault = (reply: Reply, outcome: { readonly outcome: string; readonly code?: string | undefined }): boolean =>
  reply.type === 'result' && outcome.outcome === 'errored' && outcome.code === 'backend-fault';
