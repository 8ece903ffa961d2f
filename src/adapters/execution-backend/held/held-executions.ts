import type { Generation, WorkerId } from '../../../domain/ids.js';
import type {
  CancelOutcome,
  CancelRequest,
  ControlOutcome,
  DispatchOutcome,
  ExecutionBackend,
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
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';

import { defineBackend } from '../define-backend.js';
import { Recent } from './recent.js';

/** The execution of one Worker, in this process or reached from it, under the generation that holds it. */
export interface HeldExecution {
  readonly generation: Generation;
  dispatch(input: ExecutionInput): DispatchOutcome | Promise<DispatchOutcome>;
  answer(answer: QuestionAnswer): ControlOutcome;
  cancel(request: CancelRequest): Promise<CancelOutcome>;
  /** Goes on under the generation of `request`, from its position. */
  recover(request: RecoverRequest, publisher: ObservationPublisher): Promise<RecoverOutcome>;
  /** Ends it. `killed`: something of it had not ended after `graceMs`. Called again it only hastens. */
  end(graceMs: number): Promise<'stopped' | 'killed'>;
}

export interface Begun<Outcome> {
  readonly execution: HeldExecution;
  readonly outcome: Promise<Outcome>;
}

/** What an execution begins with. */
export interface Beginning {
  readonly publisher: ObservationPublisher;
  /** Settles when the execution of a lower generation has ended. */
  readonly former: Promise<unknown>;
  /** Called once by an execution that has ended by itself. */
  readonly gone: () => void;
}

export interface HeldExecutionsOptions {
  readonly id: string;
  readonly spawn: (request: SpawnRequest, beginning: Beginning) => Begun<SpawnOutcome>;
  /** Takes over what still lives here, for a higher generation. Absent: it cannot be recovered. */
  readonly canRecover: boolean;
  /** Finds an execution again that lives here no more; never asked for one that was stopped. Absent: it is lost. */
  readonly resume?: ((request: RecoverRequest, beginning: Beginning) => Begun<RecoverOutcome>) | undefined;
  /** What an execution gets to end when a higher generation begins. */
  readonly formerGraceMs: number;
  /** What each gets to end when the backend is disposed. */
  readonly disposeGraceMs: number;
}

interface Ended {
  readonly generation: Generation;
  readonly isStopped: boolean;
}
type Connected = SpawnOutcome | RecoverOutcome;
interface Held {
  readonly execution: HeldExecution;
  readonly outcome: Promise<Connected>;
}

const rememberedWorkers = 10_000;
const stale: Refused = { outcome: 'errored', code: 'stale-generation' };
/** How many inputs an execution remembers that it took. */
export const rememberedInputs = 64;
/** What an input is answered that is not open (any more). */
export const inputNotOpen: Refused = { outcome: 'rejected', code: 'input-not-open' };
/** Nothing runs that could take it. */
export const gone: Refused = { outcome: 'rejected', code: 'backend-unavailable' };

/** What a spawn is answered that is asked for again. */
function spawnedAgain(outcome: Connected): SpawnOutcome {
  if (outcome.outcome === 'lost') return gone;
  if (outcome.outcome !== 'adopted') return outcome;
  const { capabilities, codes, recoverState } = outcome;
  return { outcome: 'connected', capabilities, codes, recoverState };
}

const isConnected = ({ outcome }: Connected): boolean => outcome === 'connected' || outcome === 'adopted';

/** Which Worker has which execution, and the generations that are past (E6). */
class HeldExecutions {
  readonly #options: HeldExecutionsOptions;
  readonly #held = new Map<WorkerId, Held>();
  readonly #ended = new Recent<WorkerId, Ended>(rememberedWorkers);
  #disposed = false;

  constructor(options: HeldExecutionsOptions) {
    this.#options = options;
  }

  async spawn(request: SpawnRequest, publisher: ObservationPublisher): Promise<SpawnOutcome> {
    const { workerId, generation } = request;
    if (this.#isStale(workerId, generation)) return stale;
    const held = this.#held.get(workerId);
    if (held?.execution.generation === generation) return spawnedAgain(await held.outcome);
    if (this.#disposed || this.#ended.get(workerId)?.generation === generation) return gone;
    return this.#hold(workerId, publisher, (beginning) => this.#options.spawn(request, beginning));
  }

  async recover(request: RecoverRequest, publisher: ObservationPublisher): Promise<RecoverOutcome> {
    const { workerId, generation } = request.handle;
    if (this.#isStale(workerId, generation)) return stale;
    const held = this.#held.get(workerId);
    if (held) return held.execution.recover(request, publisher);
    const { resume } = this.#options;
    const ended = this.#ended.get(workerId);
    if (!resume || this.#disposed || ended?.isStopped || ended?.generation === generation) return { outcome: 'lost' };
    return this.#hold(workerId, publisher, (beginning) => resume(request, beginning));
  }

  async stop({ workerId, generation }: ExecutionHandle, { graceMs }: StopRequest): Promise<StopOutcome> {
    if (this.#isStale(workerId, generation)) return stale;
    const execution = this.#held.get(workerId)?.execution;
    const end = (await execution?.end(graceMs)) ?? 'stopped';
    if (execution) this.#drop(workerId, execution, true);
    if (!this.#isStale(workerId, generation)) this.#ended.set(workerId, { generation, isStopped: true });
    return { outcome: 'accepted', end };
  }

  find({ workerId, generation }: ExecutionHandle): HeldExecution | Refused {
    if (this.#isStale(workerId, generation)) return stale;
    const execution = this.#held.get(workerId)?.execution;
    return execution?.generation === generation ? execution : gone;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all(
      [...this.#held].map(async ([workerId, { execution }]) => {
        await execution.end(this.#options.disposeGraceMs);
        this.#drop(workerId, execution, true);
      }),
    );
  }

  async #hold<Outcome extends Connected>(
    workerId: WorkerId,
    publisher: ObservationPublisher,
    begin: (beginning: Beginning) => Begun<Outcome>,
  ): Promise<Outcome> {
    const former = this.#held.get(workerId)?.execution.end(this.#options.formerGraceMs) ?? Promise.resolve();
    const end = (): void => this.#drop(workerId, begun.execution, false);
    const begun: Begun<Outcome> = begin({ publisher, former, gone: end });
    this.#held.set(workerId, begun);
    const outcome = await begun.outcome;
    if (!isConnected(outcome)) end();
    return outcome;
  }

  #isStale(workerId: WorkerId, generation: Generation): boolean {
    const held = this.#held.get(workerId)?.execution.generation ?? 0;
    return generation < Math.max(held, this.#ended.get(workerId)?.generation ?? 0);
  }

  #drop(workerId: WorkerId, execution: HeldExecution, isStopped: boolean): void {
    if (this.#held.get(workerId)?.execution !== execution) return;
    this.#held.delete(workerId);
    this.#ended.set(workerId, { generation: execution.generation, isStopped });
  }
}

/** A backend of executions that are held here, each by its Worker and generation (E6). */
export function heldExecutions(options: HeldExecutionsOptions): ExecutionBackend {
  const held = new HeldExecutions(options);
  const asked = <Outcome>(
    handle: ExecutionHandle,
    ask: (execution: HeldExecution) => Outcome | Promise<Outcome>,
  ): Outcome | Refused | Promise<Outcome> => {
    const found = held.find(handle);
    return 'outcome' in found ? found : ask(found);
  };
  return defineBackend({
    id: options.id,
    spawn: (request, publisher) => held.spawn(request, publisher),
    recover: options.canRecover ? (request, publisher) => held.recover(request, publisher) : undefined,
    dispatch: async (handle, input) => asked(handle, (execution) => execution.dispatch(input)),
    answer: async (handle, answer) => asked(handle, (execution) => execution.answer(answer)),
    cancel: async (handle, request) => asked(handle, (execution) => execution.cancel(request)),
    stop: (handle, request) => held.stop(handle, request),
    dispose: () => held.dispose(),
  });
}
