import type { Clock } from '../../../ports/clock.js';
import type {
  CallContext,
  CancelRequest,
  ExecutionBackend,
  ExecutionHandle,
  ExecutionInput,
  QuestionAnswer,
  RecoverRequest,
  SpawnRequest,
  StopRequest,
} from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';
import type { WireBackend } from '../wire/host-end.js';
import { wireBackend } from '../wire/host-end.js';
import type { WireLimits } from '../wire/limits.js';
import type { BackendServer } from '../wire/serving-end.js';
import { backendServer } from '../wire/serving-end.js';
import type { LinkedPair } from './linked-pair.js';
import { linkedPair } from './linked-pair.js';

export interface InMemoryBackendOptions {
  readonly limits?: Partial<WireLimits> | undefined;
  /** How long executions are held while the ends are apart. 5 min. */
  readonly graceMs?: number | undefined;
  readonly handshakeMs?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** A backend behind both ends of the wire, in one process: what works here works over any transport. */
export interface InMemoryBackend extends ExecutionBackend {
  /** Takes the ends apart, as a network does: what is on the way is lost. */
  cut(): void;
  /** Joins them again; resolves when every execution that is held was resumed. */
  join(): Promise<void>;
}

export function inMemoryBackend(backend: ExecutionBackend, options: InMemoryBackendOptions = {}): InMemoryBackend {
  return new JoinedEnds(backend, options);
}

class JoinedEnds implements InMemoryBackend {
  readonly specification = 'execution-backend/1';
  readonly id: ExecutionBackend['id'];
  readonly #host: WireBackend;
  readonly #server: BackendServer;
  #pair: LinkedPair | undefined;
  #joining: Promise<void>;

  constructor(backend: ExecutionBackend, { limits, graceMs, handshakeMs, logger, clock }: InMemoryBackendOptions) {
    this.id = backend.id;
    this.#host = wireBackend({ id: backend.id, loss: 'resumes', limits, graceMs, handshakeMs, logger, clock });
    this.#server = backendServer(backend, { limits, logger, clock, handshakeMs });
    this.#joining = this.#connect().catch(() => undefined);
  }

  cut(): void {
    this.#pair?.cut();
    this.#pair = undefined;
  }

  join(): Promise<void> {
    const joining = this.#connect();
    this.#joining = joining.catch(() => undefined);
    return joining;
  }

  async spawn(request: SpawnRequest, publisher: ObservationPublisher, call: CallContext) {
    return (await this.#joined()).spawn(request, publisher, call);
  }

  async recover(request: RecoverRequest, publisher: ObservationPublisher, call: CallContext) {
    return (await this.#joined()).recover(request, publisher, call);
  }

  async dispatch(handle: ExecutionHandle, input: ExecutionInput, call: CallContext) {
    return (await this.#joined()).dispatch(handle, input, call);
  }

  async answer(handle: ExecutionHandle, answer: QuestionAnswer, call: CallContext) {
    return (await this.#joined()).answer(handle, answer, call);
  }

  async cancel(handle: ExecutionHandle, request: CancelRequest, call: CallContext) {
    return (await this.#joined()).cancel(handle, request, call);
  }

  async stop(handle: ExecutionHandle, request: StopRequest, call: CallContext) {
    return (await this.#joined()).stop(handle, request, call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#joining;
    await this.#host[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  async #connect(): Promise<void> {
    const pair = linkedPair();
    this.#pair = pair;
    void this.#server.accept(pair.backend);
    await this.#host.connect(pair.host);
  }

  /** A join that failed leaves the host end without a connection, and it answers for itself. */
  async #joined(): Promise<WireBackend> {
    await this.#joining;
    return this.#host;
  }
}
