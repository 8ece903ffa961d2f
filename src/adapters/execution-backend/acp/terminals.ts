import type { CreateTerminalRequest } from '@agentclientprotocol/sdk';

import { Recent } from '../held/recent.js';
import type { Environment, RunningProgram } from '../process/index.js';
import { startProgram } from '../process/index.js';
import type { AgentProgramDependencies } from './agent-program.js';
import { confinedFolder } from './confined.js';
import { OutputTail } from './output-tail.js';

export interface TerminalsOptions {
  /** Where commands run, unless they name a folder in it. */
  readonly cwd: string;
  readonly environment: () => Environment;
}

interface Terminal {
  readonly program: RunningProgram;
  readonly output: OutputTail;
  exit?: TerminalExit | undefined;
}
interface TerminalExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

const maxTerminals = 32;
const maxOutputBytes = 1024 * 1024;
const killGraceMs = 1_000;
/** Of a terminal that was given back, for the tool call that shows it. */
const keptTexts = 16;

/** The commands that an agent has its host run, each in a process group of its own. */
export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #dependencies: AgentProgramDependencies;
  readonly #terminals = new Map<string, Terminal>();
  /** All that run, also those that were given back and have not ended. */
  readonly #programs = new Set<RunningProgram>();
  readonly #texts = new Recent<string, string>(keptTexts);
  #count = 0;
  #isOver = false;

  constructor(options: TerminalsOptions, dependencies: AgentProgramDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  async create(request: CreateTerminalRequest): Promise<{ readonly terminalId: string }> {
    const { command, args = [], cwd, env = [], outputByteLimit } = request;
    const root = this.#options.cwd;
    const folder = await confinedFolder(root, cwd ?? root);
    if (this.#isOver) throw new Error('the agent is being ended');
    if (this.#programs.size >= maxTerminals || this.#terminals.size >= maxTerminals)
      throw new Error(`there are ${maxTerminals} terminals already`);
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    // Without arguments a command is a line for a shell. What it prints is one text, whichever stream it prints it to.
    const script = args.length === 0 ? `exec 2>&1; ${command}` : 'exec "$@" 2>&1';
    const program = startProgram(
      {
        command: '/bin/sh',
        args: ['-c', script, 'sh', command, ...args],
        cwd: folder,
        environment: { ...this.#options.environment(), ...variables },
      },
      this.#dependencies,
    );
    program.input.end();
    this.#programs.add(program);
    const output = new OutputTail(Math.min(outputByteLimit ?? maxOutputBytes, maxOutputBytes));
    program.output.on('data', (chunk: Buffer) => output.push(chunk));
    const terminal: Terminal = { program, output };
    this.#count += 1;
    const terminalId = `terminal-${this.#count}`;
    this.#terminals.set(terminalId, terminal);
    void program.ended.then(({ exit }) => {
      this.#programs.delete(program);
      terminal.exit = {
        exitCode: exit.kind === 'code' ? (exit.value ?? null) : null,
        signal: exit.kind === 'signal' ? (exit.value ?? null) : null,
      };
    });
    return { terminalId };
  }

  output(terminalId: string) {
    const { output, exit } = this.#find(terminalId);
    return { output: output.text, truncated: output.isTruncated, ...(exit && { exitStatus: exit }) };
  }

  async exit(terminalId: string): Promise<TerminalExit> {
    const terminal = this.#find(terminalId);
    await terminal.program.ended;
    return terminal.exit ?? { exitCode: null, signal: null };
  }

  async kill(terminalId: string): Promise<Record<string, never>> {
    await this.#find(terminalId).program.end('kill', killGraceMs);
    return {};
  }

  async release(terminalId: string): Promise<Record<string, never>> {
    const { program, output } = this.#find(terminalId);
    this.#terminals.delete(terminalId);
    await program.end('release', killGraceMs);
    this.#texts.set(terminalId, output.text);
    return {};
  }

  /** What was printed in it, also where it was given back. */
  textOf(terminalId: string): string | undefined {
    return this.#terminals.get(terminalId)?.output.text ?? this.#texts.get(terminalId);
  }

  /** Ends all of them at once, and for good. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#programs].map((program) => program.end('stop', 0)));
  }

  #find(terminalId: string): Terminal {
    const terminal = this.#terminals.get(terminalId);
    if (!terminal) throw new Error(`there is no terminal ${terminalId}`);
    return terminal;
  }
}
