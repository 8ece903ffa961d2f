import type { Account } from './account.js';
import type { Chance } from './chance.js';
import { claim } from './claim.js';
import type { Form } from './data-folder.js';
import { programs } from './data-folder.js';
import { processesOf } from './life.js';
import type { ServerOptions } from './server.js';
import { Server } from './server.js';

/** What becomes of the server that may be killed, while its host lives its life. */
export type Fate = 'goes on' | 'killed alone' | 'killed with its host';

/** How an execution ends: with its host, with its server, or never before it is stopped. */
export type Ends = 'with its host' | 'with its server' | 'never';

export interface ServersOptions extends Omit<ServerOptions, 'program'> {
  readonly form: Form;
  /** Which of the folders that the seed serves: in one after the other, another server may be killed. */
  readonly number: number;
}

/** The servers of a folder, which outlive its hosts: one goes on for ever, one is killed, too. None where the host starts its programs. */
export class Servers {
  readonly form: Form;
  readonly #all: readonly Server[];
  readonly #mortal: Server | undefined;

  constructor({ form, number, ...options }: ServersOptions) {
    this.form = form;
    this.#all = form === 'served' ? programs.map((program) => new Server({ ...options, program })) : [];
    this.#mortal = this.#all[number % 2];
  }

  /** The profile whose server may be killed. */
  get mortal(): string | undefined {
    return this.#mortal?.program.profile;
  }

  /** The marks of the lives that are on. */
  get marks(): readonly string[] {
    return this.#all.map(({ mark }) => mark);
  }

  /** How the executions of a profile end. What keeps a journal is found again in any case. */
  endsOf(profile: string): Ends {
    if (profile === 'keeper') return 'never';
    if (this.form === 'piped') return 'with its host';
    return profile === this.mortal ? 'with its server' : 'never';
  }

  fate({ below }: Chance): Fate {
    const drawn = below(100);
    if (!this.#mortal || drawn < 40) return 'goes on';
    return drawn < 70 ? 'killed alone' : 'killed with its host';
  }

  /** The Workers that they execute. */
  executed(account: Account): readonly string[] {
    return this.marks.flatMap((own) =>
      account.executedBy(
        own,
        processesOf((mark) => mark === own),
      ),
    );
  }

  /** Kills the one that may be killed, and starts it again. */
  async kill(): Promise<void> {
    await this.#mortal?.killAndStart();
  }

  /** Resolves when all of them can be reached. */
  async listening(): Promise<void> {
    await Promise.all(this.#all.map(({ listening }) => listening));
  }

  /** Ends them for good, with what they execute. */
  async end(account: Account): Promise<void> {
    await Promise.all(this.#all.map((server) => server.end()));
    const left = this.#all.flatMap(({ mark, pid }) => account.executedBy(mark, new Set([pid])));
    claim(left.length === 0, 'a server that is told to end ends what it executes', left);
  }
}
