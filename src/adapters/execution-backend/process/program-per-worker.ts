import type { BackendId, WorkerId } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type {
  CallContext,
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
import { Fences } from '../wire/fences.js';
import type { WireBackend } from '../wire/host-end.js';
import { disconnected, stale, unavailable, unsupported } from '../wire/refusals.js';
import type { ProgramConnection } from './program-connection.js';
import { Seat } from './seat.js';

type Beginning = SpawnOutcome | RecoverOutcome;

/** A program for each Worker: started by the spawn, ended with the generation. */
export class ProgramPerWorker implements ExecutionBackend {
  readonly specification = 'execution-backend/1';
  readonly id: BackendId;
  readonly #connect: (workerId: WorkerId) => ProgramConnection;
  readonly #clock: Clock;
  readonly #seats = new Map<WorkerId, Seat>();
  readonly #fences = new Fences((workerId) => this.#seats.has(workerId));
  #disposed = false;

  constructor(id: BackendId, connect: (workerId: WorkerId) => ProgramConnection, clock: Clock) {
    this.id = id;
    this.#connect = connect;
    this.#clock = clock;
  }

  spawn(request: SpawnRequest, publisher: ObservationPublisher, call: CallContext): Promise<SpawnOutcome> {
    const begin = (wire: WireBackend, watched: ObservationPublisher) => wire.spawn(request, watched, call);
    return this.#begin<SpawnOutcome>(request, publisher, begin, unavailable('its execution has ended'));
  }

  async recover(request: RecoverRequest, publisher: ObservationPublisher, call: CallContext): Promise<RecoverOutcome> {
    if (this.#seats.get(request.handle.workerId)?.canRecover === false) return unsupported;
    const begin = (wire: WireBackend, watched: ObservationPublisher) => wire.recover(request, watched, call);
    return this.#begin<RecoverOutcome>(request.handle, publisher, begin, { outcome: 'lost' });
  }

  async dispatch(handle: ExecutionHandle, input: ExecutionInput, call: CallContext): Promise<DispatchOutcome> {
    const wire = this.#find(handle);
    return 'outcome' in wire ? wire : wire.dispatch(handle, input, call);
  }

  async answer(handle: ExecutionHandle, answer: QuestionAnswer, call: CallContext): Promise<ControlOutcome> {
    const wire = this.#find(handle);
    return 'outcome' in wire ? wire : wire.answer(handle, answer, call);
  }

  async cancel(handle: ExecutionHandle, request: CancelRequest, call: CallContext): Promise<CancelOutcome> {
    const wire = this.#find(handle);
    return 'outcome' in wire ? wire : wire.cancel(handle, request, call);
  }

  /** Ends the program, whatever it can do itself: it serves this Worker alone. Goes on when nobody waits any more. */
  async stop(handle: ExecutionHandle, { graceMs }: StopRequest): Promise<StopOutcome> {
    const { workerId, generation } = handle;
    if (this.#fences.isStale(workerId, generation)) return stale;
    this.#fences.raise(workerId, generation);
    return this.#seats.get(workerId)?.stop(handle, graceMs) ?? { outcome: 'accepted', end: 'stopped' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#seats.values()].map((seat) => seat.shutdown()));
  }

  async #begin<T extends Beginning>(
    handle: ExecutionHandle,
    publisher: ObservationPublisher,
    ask: (wire: WireBackend, watched: ObservationPublisher) => Promise<T>,
    ended: T,
  ): Promise<T | Refused> {
    if (this.#disposed) return unavailable('disposed');
    const { workerId, generation } = handle;
    if (this.#fences.isStale(workerId, generation)) return stale;
    const seat = this.#seatOf(handle);
    if (!seat) return ended;
    this.#fences.raise(workerId, generation);
    try {
      const outcome = await ask(await seat.ready(), seat.watched(publisher));
      if ('capabilities' in outcome) seat.canRecover = outcome.capabilities.recover;
      else if (seat.canRecover === undefined) await seat.refuse();
      return outcome;
    } catch (cause) {
      return unavailable(cause);
    }
  }

  /** The seat of this generation, taken where there is none. `undefined`: there was one, and it is gone. */
  #seatOf(handle: ExecutionHandle): Seat | undefined {
    const { workerId, generation } = handle;
    const former = this.#seats.get(workerId);
    if (former?.generation === generation) return former;
    if (this.#fences.of(workerId)?.generation === generation) return undefined;
    const seat = new Seat(handle, former, this.#clock, () => this.#connect(workerId));
    this.#seats.set(workerId, seat);
    void seat.gone.then(() => {
      if (this.#seats.get(workerId) === seat) this.#seats.delete(workerId);
    });
    return seat;
  }

  #find({ workerId, generation }: ExecutionHandle): WireBackend | Refused {
    if (this.#fences.isStale(workerId, generation)) return stale;
    const seat = this.#seats.get(workerId);
    return (seat?.generation === generation ? seat.wire : undefined) ?? disconnected;
  }
}
