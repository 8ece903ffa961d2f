import type { Generation } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type { ExecutionHandle, StopOutcome } from '../../../ports/execution-backend.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';
import type { WireBackend } from '../wire/host-end.js';
import { stdinGraceMs } from './ending-ladder.js';
import type { ProgramConnection } from './program-connection.js';

/** How long after its grace a stop may take, all in all: less than the five seconds that are waited for it. */
const afterGraceMs = 4500;
/** How long a program whose spawn was refused may take to end. */
const refusedGraceMs = 1000;

/** The program of one generation of one Worker, from the spawn on. It begins when that of the lower generation is gone. */
export class Seat {
  readonly generation: Generation;
  /** Resolves when nothing of it runs, nor of any lower generation. Never rejects. */
  readonly gone: Promise<void>;
  /** What its execution declared when it connected. */
  canRecover: boolean | undefined;
  readonly #clock: Clock;
  readonly #former: Seat | undefined;
  readonly #started: Promise<ProgramConnection>;
  #connection: ProgramConnection | undefined;
  #isStopped = false;

  constructor(
    { generation }: ExecutionHandle,
    former: Seat | undefined,
    clock: Clock,
    connect: () => ProgramConnection,
  ) {
    this.generation = generation;
    this.#clock = clock;
    this.#former = former;
    this.#started = this.#start(connect);
    this.gone = this.#started.then(
      async (connection) => void (await connection.ended),
      () => undefined,
    );
  }

  /** Its wire, once the program has answered. Rejects with the cause where it never does. */
  async ready(): Promise<WireBackend> {
    const connection = await this.#started;
    await connection.ready;
    return connection.wire;
  }

  get wire(): WireBackend | undefined {
    return this.#connection?.wire;
  }

  /** The same publisher; an execution that is over takes its program with it. */
  watched(publisher: ObservationPublisher): ObservationPublisher {
    return {
      workerId: publisher.workerId,
      generation: publisher.generation,
      publish: (event) => publisher.publish(event),
      onRecorded: (listener) => publisher.onRecorded(listener),
      decide: (inputId, taken) => publisher.decide(inputId, taken),
      disconnect: async (exit) => {
        await publisher.disconnect(exit);
        void this.#connection?.end('execution-ended');
      },
    };
  }

  /** The spawn was refused: nothing of it may go on running. */
  async refuse(): Promise<void> {
    await this.#connection?.end('refused', refusedGraceMs);
  }

  async stop(handle: ExecutionHandle, graceMs: number): Promise<StopOutcome> {
    this.#isStopped = true;
    await this.#former?.stop(handle, graceMs);
    const connection = await this.#started.catch(() => undefined);
    if (!connection) return { outcome: 'accepted', end: 'stopped' };
    const start = this.#clock.now();
    const said = graceMs > 0 ? await this.#ask(connection.wire, handle, graceMs) : undefined;
    const leftMs = graceMs + afterGraceMs - stdinGraceMs - (this.#clock.now() - start);
    const ending = await connection.end('stop', Math.min(graceMs, leftMs));
    const isKilled = ending.killed || (said?.outcome === 'accepted' && said.end === 'killed');
    return { outcome: 'accepted', end: isKilled ? 'killed' : 'stopped' };
  }

  async shutdown(): Promise<void> {
    this.#isStopped = true;
    const connection = await this.#started.catch(() => undefined);
    await connection?.shutdown();
  }

  async #start(connect: () => ProgramConnection): Promise<ProgramConnection> {
    await this.#former?.shutdown();
    if (this.#isStopped) throw new Error('it was stopped before it began');
    this.#connection = connect();
    return this.#connection;
  }

  /** Lets the program end its Worker itself, so that its last words come out. */
  async #ask(wire: WireBackend, handle: ExecutionHandle, graceMs: number): Promise<StopOutcome> {
    const deadline = new AbortController();
    const forget = this.#clock.after(graceMs, () => deadline.abort());
    const outcome = await wire.stop(handle, { graceMs }, { signal: deadline.signal });
    forget();
    if (outcome.outcome !== 'accepted' && !deadline.signal.aborted) await wire.shutdown(graceMs);
    return outcome;
  }
}
