import type { WorkerId } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import type { Principal } from '../ports/authenticator.js';
import type { CallOptions, Command, OutcomeOf } from '../ports/browser-gateway.js';
import type { Catalog } from './catalog.js';
import type { Commands } from './commands.js';
import { withDeadline } from './deadline.js';
import type { ResolvedOptions } from './options.js';
import type { Found, Located, Placement, WorkersQuery } from './placement.js';
import { openAll } from './recovery.js';

/** Every Worker in the log is this host's. */
export class SolePlacement implements Placement {
  readonly #options: ResolvedOptions;
  readonly #catalog: Catalog;
  readonly #commands: Commands;

  constructor(options: ResolvedOptions, catalog: Catalog, commands: Commands) {
    this.#options = options;
    this.#catalog = catalog;
    this.#commands = commands;
  }

  async open(signal: AbortSignal): Promise<readonly Found[]> {
    const { log, logger, clock, limits } = this.#options;
    const found = await openAll({ catalog: this.#catalog, log, logger, clock, headMs: limits.appendMs }, signal);
    this.#commands.creations.remember(found);
    return found;
  }

  execute(command: Command, call: CallOptions): Promise<OutcomeOf<Command>> {
    return this.#commands.execute(command, call);
  }

  find(workerId: WorkerId, principal: Principal | undefined): Located | undefined {
    const mailbox = this.#catalog.find(workerId, principal);
    return mailbox && { workerId, found: mailbox.state, state: () => mailbox.state };
  }

  list(
    query: Pick<WorkersQuery, 'after' | 'status'>,
    most: number,
    principal: Principal | undefined,
  ): readonly WorkerView[] {
    return this.#catalog.list(query, most, principal);
  }

  async drain(): Promise<void> {
    const { clock, limits } = this.#options;
    await withDeadline(clock, limits.drainMs, () => this.#atRest());
    await this.close();
  }

  /** Resolves when no Worker does anything that would be cut off. */
  async #atRest(): Promise<void> {
    for (;;) {
      const working = this.#catalog.all().filter(({ isWorking }) => isWorking);
      if (working.length === 0) return;
      await Promise.all(working.map((mailbox) => mailbox.rest()));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#catalog.all().map((mailbox) => mailbox.ask({ type: 'host-closing' })));
    await Promise.all(this.#catalog.all().map((mailbox) => mailbox.ended()));
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }
}
