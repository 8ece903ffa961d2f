import type { Socket } from 'node:net';

import { BackendId } from '../../../domain/ids.js';
import { systemClock, turn } from '../../../ports/clock.js';
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
  SpawnOutcome,
  SpawnRequest,
  StopOutcome,
  StopRequest,
} from '../../../ports/execution-backend.js';
import { nullLogger } from '../../../ports/logger.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';
import { formatAddress, parseAddress } from '../socket/address.js';
import { socketTransport } from '../socket/socket-transport.js';
import type { WireBackend } from '../wire/host-end.js';
import { wireBackend } from '../wire/host-end.js';
import { defaultHandshakeMs } from '../wire/limits.js';
import { disconnected, unavailable } from '../wire/refusals.js';
import { chosenKey } from './chosen-key.js';
import { dial } from './dial.js';
import type { DialProblem } from './dial-error.js';
import { dialErrorOf, problems } from './dial-error.js';
import { KeepAlive } from './keep-alive.js';
import { OperatorLines } from './operator-lines.js';
import type { RemoteSocketDependencies, RemoteSocketOptions } from './options.js';
import { optionsProblem } from './options.js';
import type { Connected } from './redial.js';
import { defaultSettledMs, Redial } from './redial.js';

/** What tests and `workport check` replace. */
export interface DialDependencies extends RemoteSocketDependencies {
  /** Makes the socket of a connection. */
  readonly dial?: ((signal: AbortSignal) => Promise<Socket>) | undefined;
  readonly random?: (() => number) | undefined;
  readonly settledMs?: number | undefined;
}

/**
 * A backend at the other end of a socket. It connects when it is made, and again with growing delays whenever the
 * connection is lost, until it is disposed; what keeps the process alive are Workers that it holds and calls that wait.
 * Executions outlive a connection for `graceMs`, and so a restart of the host; after that its Workers are
 * `unconnected` / `connection-lost`. A spawn without a connection waits for one attempt, a recover for as long as it
 * may take; all else is refused at once. Throws a `TypeError` for options that do not fit together.
 */
export function remoteSocketBackend(
  options: RemoteSocketOptions,
  { logger, clock }: RemoteSocketDependencies = {},
): ExecutionBackend {
  return dialedBackend(options, { logger, clock });
}

/** The same, with parts of it replaced. */
export function dialedBackend(options: RemoteSocketOptions, dependencies: DialDependencies = {}): ExecutionBackend {
  const problem = optionsProblem(options);
  if (problem) throw new TypeError(`${problem.option}: ${problem.reason}`);
  return new RemoteSocketBackend(options, dependencies);
}

class RemoteSocketBackend implements ExecutionBackend {
  readonly specification = 'execution-backend/1';
  readonly id: BackendId;
  readonly #options: RemoteSocketOptions;
  readonly #dial: (signal: AbortSignal) => Promise<Socket>;
  readonly #wire: WireBackend;
  readonly #redial: Redial;
  readonly #lines: OperatorLines;
  readonly #keepAlive = new KeepAlive();

  constructor(options: RemoteSocketOptions, dependencies: DialDependencies) {
    const { clock = systemClock, random = Math.random, settledMs = defaultSettledMs } = dependencies;
    const { connectMs = defaultHandshakeMs, graceMs, limits } = options;
    this.id = BackendId(options.id ?? 'remote-socket');
    this.#options = options;
    this.#dial = dependencies.dial ?? ((signal) => dial(options, signal));
    const address = formatAddress(parseAddress(options.address));
    const logger = (dependencies.logger ?? nullLogger).child({ backendId: this.id, address });
    this.#lines = new OperatorLines(logger);
    this.#wire = wireBackend({
      id: this.id,
      loss: 'resumes',
      heartbeat: true,
      handshakeMs: connectMs,
      graceMs,
      limits,
      logger,
      clock,
      onHeld: (count) => this.#keepAlive.set('Workers', count),
    });
    this.#redial = new Redial({
      connect: (signal) => this.#connect(signal),
      connectMs,
      settledMs,
      clock,
      random,
      onOutcome: (outcome) => this.#onOutcome(outcome),
      onSettled: () => this.#lines.settled(),
      onWaiting: (count) => this.#keepAlive.set('calls', count),
    });
    this.#redial.start();
  }

  async spawn(request: SpawnRequest, publisher: ObservationPublisher, call: CallContext): Promise<SpawnOutcome> {
    const problem = await this.#redial.attempted(call.signal);
    return problem ? unavailable(problem.message) : this.#wire.spawn(request, publisher, call);
  }

  /** A recover that a lost connection cuts off is asked again on the next one (E5). */
  async recover(request: RecoverRequest, publisher: ObservationPublisher, call: CallContext): Promise<RecoverOutcome> {
    for (;;) {
      const problem = await this.#redial.opened(call.signal);
      if (problem) return unavailable(problem.message);
      const outcome = await this.#wire.recover(request, publisher, call);
      if (outcome !== disconnected || call.signal.aborted) return outcome;
      await turn();
    }
  }

  dispatch(handle: ExecutionHandle, input: ExecutionInput, call: CallContext): Promise<DispatchOutcome> {
    return this.#wire.dispatch(handle, input, call);
  }

  answer(handle: ExecutionHandle, answer: QuestionAnswer, call: CallContext): Promise<ControlOutcome> {
    return this.#wire.answer(handle, answer, call);
  }

  cancel(handle: ExecutionHandle, request: CancelRequest, call: CallContext): Promise<CancelOutcome> {
    return this.#wire.cancel(handle, request, call);
  }

  stop(handle: ExecutionHandle, request: StopRequest, call: CallContext): Promise<StopOutcome> {
    return this.#wire.stop(handle, request, call);
  }

  /** Closes the connection at once. What runs goes on at the server, until the grace is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#redial.end();
    await this.#wire[Symbol.asyncDispose]();
    this.#keepAlive.end();
  }

  #onOutcome(outcome: DialProblem | undefined): void {
    if (!outcome) this.#lines.opened();
    else if (outcome === problems.lost) this.#lines.lost(outcome);
    else this.#lines.failed(outcome);
  }

  /** Key and certificates are read anew each time: references are resolved where they are used (R6). */
  async #connect(signal: AbortSignal): Promise<Connected> {
    try {
      const key = await chosenKey(this.#options);
      const transport = socketTransport(await this.#dial(signal));
      const onAbort = (): void => transport.close();
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      return await new Promise((resolve, reject) => {
        let end: (reason: DialProblem) => void = () => undefined;
        const ended = new Promise<DialProblem>((settle) => (end = settle));
        const onOpen = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve({ ended });
        };
        this.#wire.connect(transport, { key, onOpen, onEnd: () => end(problems.lost) }).catch(reject);
      });
    } catch (cause) {
      throw dialErrorOf(cause, this.#options.keyFile !== undefined);
    }
  }
}
