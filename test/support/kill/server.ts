import { markVariable } from '../../../src/cli/check/marked-processes.js';
import type { ProcessOptions } from '../host-process.js';
import { runWorkport } from '../host-process.js';
import { firstLine } from '../programs.js';
import { claim } from './claim.js';
import { complain } from './complain.js';
import type { Folder, Program } from './data-folder.js';
import { addressOf, keyFileOf } from './data-folder.js';

export interface ServerOptions {
  readonly folder: Folder;
  readonly program: Program;
  /** What the marks of all its lives begin with. */
  readonly prefix: string;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
}

/** `workport backend serve` with one of the programs, in one life after the other. */
export class Server {
  readonly program: Program;
  /** Resolves when it listens. */
  listening: Promise<unknown> = Promise.resolve();
  readonly #options: ServerOptions;
  #running: ReturnType<typeof runWorkport>;
  #life = 0;

  constructor(options: ServerOptions) {
    this.program = options.program;
    this.#options = options;
    this.#running = this.#start();
  }

  /** The mark of the life that is on. */
  get mark(): string {
    return `${this.#options.prefix}${this.program.profile}-${this.#life}`;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** At any moment of its life; the next one begins at once. */
  async killAndStart(): Promise<void> {
    this.#running.child.kill('SIGKILL');
    const { stderr } = await this.#running.ended;
    complain(stderr);
    this.#running = this.#start();
  }

  /** As it is asked to end: with all it executes. */
  async end(): Promise<void> {
    await this.listening;
    this.#running.child.kill('SIGTERM');
    const { code, stderr } = await this.#running.ended;
    claim(code === 0, 'a server ends as it is told to', { code, stderr });
    complain(stderr);
  }

  #start(): ReturnType<typeof runWorkport> {
    this.#life += 1;
    const { folder, program, onEnd } = this.#options;
    const { cwd, env } = folder;
    const listen = ['--listen', addressOf(cwd, program), '--key-file', keyFileOf(cwd, program), '--json'];
    const running = runWorkport(['backend', 'serve', program.module, ...listen], {
      cwd,
      onEnd,
      env: { ...env, [markVariable]: this.mark },
    });
    const { stdout } = running.child;
    // One that is killed before it listens says nothing: whoever waits then waits for the next one.
    this.listening = stdout ? firstLine(stdout).catch(() => undefined) : Promise.resolve();
    return running;
  }
}
