import type { BackendId } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { WireBackend } from '../wire/host-end.js';
import { wireBackend } from '../wire/host-end.js';
import type { ProcessRegister } from './process-register.js';
import type { ProgramEnding, RunningProgram } from './running-program.js';
import type { ProgramOptions } from './start-program.js';
import { startProgram } from './start-program.js';
import { streamTransport } from './stream-transport.js';

export interface ConnectionOptions {
  readonly id: BackendId;
  /** Until `initialize` is answered. */
  readonly startMs: number;
  /** Between SIGTERM and SIGKILL, where nobody says otherwise. */
  readonly graceMs: number;
}

export interface ConnectionDependencies {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly register: ProcessRegister | undefined;
}

/** How long a program that never spoke may take to end. */
const startFailedGraceMs = 1000;

/** One running program and the wire to it. They end together: who loses one loses the other. */
export class ProgramConnection {
  readonly wire: WireBackend;
  /** Resolves when the handshake is done; rejects with the cause, once the program is gone. */
  readonly ready: Promise<void>;
  readonly ended: Promise<ProgramEnding>;
  readonly #program: RunningProgram;
  readonly #graceMs: number;

  constructor(program: ProgramOptions, options: ConnectionOptions, dependencies: ConnectionDependencies) {
    const { logger, clock } = dependencies;
    this.#graceMs = options.graceMs;
    this.#program = startProgram(program, dependencies);
    this.ended = this.#program.ended;
    this.wire = wireBackend({
      id: options.id,
      loss: 'ends',
      handshakeMs: options.startMs,
      logger,
      clock,
      exit: async () => (await this.ended).exit,
    });
    const transport = streamTransport(this.#program.output, this.#program.input);
    // A process whose pipe is gone is dead.
    this.#program.input.once('close', () => void this.end('pipe-closed'));
    void transport.closed.then(() => this.end('pipe-closed'));
    this.ready = this.wire.connect(transport).catch(async (cause: unknown) => {
      const ending = await this.end('start-failed', Math.min(this.#graceMs, startFailedGraceMs));
      throw new Error(`the program did not answer: ${JSON.stringify(ending)}`, { cause });
    });
    this.ready.catch(() => undefined);
  }

  /** Ends the program by the ladder; see `RunningProgram.end`. */
  end(cause: string, graceMs = this.#graceMs): Promise<ProgramEnding> {
    return this.#program.end(cause, graceMs);
  }

  /** Tells the program to end all it runs, then ends it. */
  async shutdown(): Promise<ProgramEnding> {
    await this.wire.shutdown(this.#graceMs);
    return this.end('shutdown');
  }
}
