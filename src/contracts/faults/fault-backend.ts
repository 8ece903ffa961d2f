import type { WorkerId } from '../../domain/ids.js';
import { systemClock } from '../../ports/clock.js';
import type { CallContext, ExecutionBackend, ExecutionHandle, Refused } from '../../ports/execution-backend.js';
import type { ObservationPublisher } from '../../ports/observation-publisher.js';
import { checkFaultOptions } from './fault-options.js';
import type { FaultOptions, HappenedFault } from './fault-options.js';
import { FaultPlan } from './fault-plan.js';
import { TroubledExecution } from './troubled-execution.js';

/** A backend that gets into trouble. */
export interface FaultBackend extends ExecutionBackend {
  /** The faults that have happened, in their order. As the `script` of another fault backend they happen again. */
  readonly history: readonly HappenedFault[];
  /** Ends every silence of `half-open`: what waits goes on. */
  mend(): void;
}

interface TroubledWorker {
  readonly plan: FaultPlan;
  execution?: TroubledExecution;
}

const disconnected: Refused = { outcome: 'errored', code: 'backend-disconnected' };
const gone: Refused = { outcome: 'rejected', code: 'backend-unavailable' };

class TroubledBackend implements FaultBackend {
  readonly specification = 'execution-backend/1';
  readonly id: ExecutionBackend['id'];
  readonly history: HappenedFault[] = [];
  readonly #backend: ExecutionBackend;
  readonly #options: FaultOptions;
  readonly #workers = new Map<WorkerId, TroubledWorker>();

  constructor(backend: ExecutionBackend, options: FaultOptions) {
    this.id = backend.id;
    this.#backend = backend;
    this.#options = options;
  }

  spawn: ExecutionBackend['spawn'] = (request, publisher, call) => {
    const execution = this.#known(request) ?? this.#connecting(publisher);
    if (!execution) return this.#backend.spawn(request, publisher, call);
    const ask = () => this.#backend.spawn(request, execution, call);
    return execution.call({ method: 'spawn', call, ask, lost: disconnected });
  };

  recover: ExecutionBackend['recover'] = (request, publisher, call) => {
    const { position } = request;
    const former = this.#workers.get(publisher.workerId)?.execution;
    const execution = this.#connecting(publisher);
    if (!execution) return this.#backend.recover(request, publisher, call);
    if (former && former !== execution) execution.takesOver(former);
    const own = { ...position, sequence: execution.ownSequence(position) };
    const ask = () => this.#backend.recover({ ...request, position: own }, execution, call);
    return execution.call({ method: 'recover', call, ask, lost: disconnected });
  };

  dispatch: ExecutionBackend['dispatch'] = async (handle, input, call) => {
    const execution = this.#executing(handle);
    if (!execution) return this.#backend.dispatch(handle, input, call);
    if (execution.isGone) return gone;
    const ask = () => this.#backend.dispatch(handle, input, call);
    return execution.call({ method: 'dispatch', call, ask, lost: { outcome: 'unknown' } });
  };

  answer: ExecutionBackend['answer'] = async (handle, answer, call) =>
    this.#control(handle, 'answer', call, () => this.#backend.answer(handle, answer, call));

  cancel: ExecutionBackend['cancel'] = async (handle, request, call) =>
    this.#control(handle, 'cancel', call, () => this.#backend.cancel(handle, request, call));

  stop: ExecutionBackend['stop'] = async (handle, request, call) => {
    const execution = this.#executing(handle);
    const ask = () => this.#backend.stop(handle, request, call);
    if (!execution || execution.isGone) return ask();
    return execution.call({ method: 'stop', call, ask, lost: disconnected });
  };

  mend(): void {
    for (const { execution } of this.#workers.values()) execution?.mend();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { execution } of this.#workers.values()) execution?.close();
    await this.#backend[Symbol.asyncDispose]();
  }

  async #control<Answer>(handle: ExecutionHandle, method: string, call: CallContext, ask: () => Promise<Answer>) {
    const execution = this.#executing(handle);
    if (!execution) return ask();
    return execution.isGone ? gone : execution.call<Answer | Refused>({ method, call, ask, lost: disconnected });
  }

  /** The execution that is to speak through this publisher. None where the backend fences it, or it has no faults. */
  #connecting(publisher: ObservationPublisher): TroubledExecution | undefined {
    const worker = this.#worker(publisher.workerId);
    if (!worker) return undefined;
    const { generation, workerId } = publisher;
    const former = worker.execution;
    if (former && former.generation > generation) return undefined;
    if (former?.speaksThrough(publisher)) return former;
    const end = (): void => this.#end({ workerId, generation });
    former?.close();
    worker.execution = new TroubledExecution(publisher, {
      plan: worker.plan,
      clock: this.#options.clock ?? systemClock,
      end,
    });
    return worker.execution;
  }

  /** Asked again it is the same execution, and speaks through the publisher that it has. */
  #known(name: ExecutionHandle): TroubledExecution | undefined {
    const execution = this.#executing(name);
    return execution?.isGone ? undefined : execution;
  }

  #executing({ workerId, generation }: ExecutionHandle): TroubledExecution | undefined {
    const execution = this.#workers.get(workerId)?.execution;
    return execution?.generation === generation ? execution : undefined;
  }

  #worker(workerId: WorkerId): TroubledWorker | undefined {
    const known = this.#workers.get(workerId);
    const { maxWorkers = 256, onFault } = this.#options;
    if (known || this.#workers.size >= maxWorkers) return known;
    const tell = (happened: HappenedFault): void => {
      this.history.push(happened);
      onFault?.(happened);
    };
    const worker = { plan: new FaultPlan(this.#workers.size + 1, this.#options, tell) };
    this.#workers.set(workerId, worker);
    return worker;
  }

  /** What is told to have died is ended: nothing of it runs on. */
  #end(handle: ExecutionHandle): void {
    const { signal } = new AbortController();
    this.#backend.stop(handle, { graceMs: 0 }, { signal }).catch(() => undefined);
  }
}

/**
 * A backend that does what `backend` does, with faults between it and its host: to test what a screen or a host shows
 * when there is trouble. What happens to a Worker follows from `seed`, the number of the Worker and the number of
 * the step, whatever other Workers do; or it stands in `script`. Disposes of `backend`. Throws a `TypeError` for options
 * of the wrong form.
 */
export function faultBackend(backend: ExecutionBackend, options: FaultOptions): FaultBackend {
  checkFaultOptions(options);
  return new TroubledBackend(backend, options);
}
