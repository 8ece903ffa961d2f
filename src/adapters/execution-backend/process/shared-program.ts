import type { BackendId } from '../../../domain/ids.js';
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
import { disconnected, unavailable } from '../wire/refusals.js';
import type { ProgramConnection } from './program-connection.js';

/** One program for all Workers: started when it is first needed, and again by the next spawn after it died. */
export class SharedProgram implements ExecutionBackend {
  readonly specification = 'execution-backend/1';
  readonly id: BackendId;
  readonly #connect: () => ProgramConnection;
  #connection: ProgramConnection | undefined;
  #disposed = false;

  constructor(id: BackendId, connect: () => ProgramConnection) {
    this.id = id;
    this.#connect = connect;
  }

  spawn(request: SpawnRequest, publisher: ObservationPublisher, call: CallContext): Promise<SpawnOutcome> {
    return this.#started((connection) => connection.wire.spawn(request, publisher, call));
  }

  recover(request: RecoverRequest, publisher: ObservationPublisher, call: CallContext): Promise<RecoverOutcome> {
    return this.#started((connection) => connection.wire.recover(request, publisher, call));
  }

  async dispatch(handle: ExecutionHandle, input: ExecutionInput, call: CallContext): Promise<DispatchOutcome> {
    return this.#connection?.wire.dispatch(handle, input, call) ?? disconnected;
  }

  async answer(handle: ExecutionHandle, answer: QuestionAnswer, call: CallContext): Promise<ControlOutcome> {
    return this.#connection?.wire.answer(handle, answer, call) ?? disconnected;
  }

  async cancel(handle: ExecutionHandle, request: CancelRequest, call: CallContext): Promise<CancelOutcome> {
    return this.#connection?.wire.cancel(handle, request, call) ?? disconnected;
  }

  /** What runs in a program that is gone runs no more. Others are in it: it is never ended for one Worker. */
  async stop(handle: ExecutionHandle, request: StopRequest, call: CallContext): Promise<StopOutcome> {
    return this.#connection?.wire.stop(handle, request, call) ?? { outcome: 'accepted', end: 'stopped' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#connection?.shutdown();
  }

  async #started<T>(ask: (connection: ProgramConnection) => Promise<T>): Promise<T | Refused> {
    if (this.#disposed) return unavailable('disposed');
    try {
      return await ask(await this.#ready());
    } catch (cause) {
      return unavailable(cause);
    }
  }

  /** A program that has lost its wire and is ending is waited for: the next one takes its place. */
  async #ready(): Promise<ProgramConnection> {
    const connection = (this.#connection ??= this.#start());
    await connection.ready;
    if (connection.wire.isConnected) return connection;
    await connection.ended;
    const next = (this.#connection ??= this.#start());
    await next.ready;
    return next;
  }

  #start(): ProgramConnection {
    const connection = this.#connect();
    void connection.ended.then(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    return connection;
  }
}
