import type { ClientApp, ClientConnection } from '@agentclientprotocol/sdk';

import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { ProgramEnding, ProgramOptions, RunningProgram } from '../process/index.js';
import { startProgram } from '../process/index.js';
import type { ProcessRegister } from '../process/index.js';
import { settledWithin } from '../held/settled-within.js';
import { type AgentStream, agentStream } from './agent-stream.js';

export interface AgentProgramOptions {
  readonly program: ProgramOptions;
  /** Who answers what the agent asks. */
  readonly client: ClientApp;
  readonly onUpdate: (params: unknown) => Promise<void>;
  /** What an agent gets to end that does not listen or speak any more. */
  readonly graceMs: number;
}

export interface AgentProgramDependencies {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly register: ProcessRegister | undefined;
}

type Agent = ClientConnection['agent'];

const shownNoise = 5;
const shownCharacters = 500;
/** How long what an ended agent has said may take to be handed on. */
const lastWordsMs = 2_000;

/** A running agent and the connection to it. */
export class AgentProgram {
  /** What can be asked of it. */
  readonly agent: Agent;
  /** Resolves when nothing of it runs, and what it said was handed on. Never rejects. */
  readonly ended: Promise<ProgramEnding>;
  readonly #connection: ClientConnection;
  readonly #program: RunningProgram;
  readonly #stream: AgentStream;
  readonly #noise: string[] = [];

  constructor(options: AgentProgramOptions, dependencies: AgentProgramDependencies) {
    const { logger, clock } = dependencies;
    this.#program = startProgram(options.program, dependencies);
    const { input, output } = this.#program;
    this.#stream = agentStream({
      input,
      output,
      onUpdate: options.onUpdate,
      onNoise: (line) => this.#hear(line, logger),
      onViolation: (what) => {
        logger.warn('an agent breaks the protocol and is ended', { what });
        void this.end('protocol-violation', 0);
      },
    });
    this.#connection = options.client.connect(this.#stream);
    this.agent = this.#connection.agent;
    // A program whose pipe is gone is dead.
    for (const closed of [this.#stream.ended, this.#connection.closed])
      void closed.then(() => this.end('pipe-closed', options.graceMs));
    this.ended = this.#program.ended.then(async (ending) => {
      await settledWithin(this.#stream.ended, lastWordsMs, clock);
      this.#connection.close(new Error(`the agent has ended: ${JSON.stringify(ending)}`));
      return ending;
    });
  }

  /** Whether nothing can be said to it any more. */
  get isLost(): boolean {
    return this.#connection.signal.aborted;
  }

  /** What it printed that is no message: the first lines. */
  get noise(): readonly string[] {
    return this.#noise;
  }

  /** Resolves when the next message with this method is with the operating system. */
  written(method: string): Promise<void> {
    return this.#stream.written(method);
  }

  /** Ends it by the ladder; see `RunningProgram.end`. */
  end(cause: string, graceMs: number): Promise<ProgramEnding> {
    return this.#program.end(cause, graceMs);
  }

  #hear(line: string, logger: Logger): void {
    if (this.#noise.length >= shownNoise) return;
    const shown = line.slice(0, shownCharacters);
    this.#noise.push(shown);
    logger.info('an agent prints what is no message', { line: shown });
  }
}
