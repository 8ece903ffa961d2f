import type { WorkerId } from '../../domain/ids.js';
import { rejected } from '../../domain/outcome.js';
import type { Principal } from '../../ports/authenticator.js';
import type { Command, CreateCommand, OutcomeOf } from '../../ports/browser-gateway.js';
import type { WorkerOwnership } from '../../ports/worker-ownership.js';
import type { Commands } from '../commands.js';
import { newWorkerId } from '../ids.js';
import { LogUnreadable } from '../log-reader.js';
import type { ResolvedOptions } from '../options.js';
import { pause } from './holdings.js';
import type { Holdings } from './holdings.js';
import { delaysMs, engine, keyNameOf, patience } from './router.js';
import type { Router } from './router.js';

interface CreateDependencies {
  readonly options: ResolvedOptions;
  readonly ownership: WorkerOwnership;
  readonly holdings: Holdings;
  readonly commands: Commands;
  readonly router: Router;
  readonly isDraining: () => boolean;
}

/** Its key is another Worker's. */
interface Claimed {
  readonly by: WorkerId;
}

/** Creates Workers at this host, each once for its key, whichever host is asked with it. */
export class ClusterCreates {
  readonly #dependencies: CreateDependencies;
  /** Keys that this host is claiming: until the create is begun. */
  readonly #claiming = new Map<string, Promise<unknown>>();

  constructor(dependencies: CreateDependencies) {
    this.#dependencies = dependencies;
  }

  async create(command: CreateCommand, principal: Principal | undefined): Promise<OutcomeOf<Command>> {
    const { commands, router, isDraining } = this.#dependencies;
    const refusal = commands.creations.refusal(command, principal);
    if (refusal) return refusal;
    const name = keyNameOf(command, principal);
    const { options, ownership } = this.#dependencies;
    const giveUpAt = options.clock.now() + patience * ownership.leaseMs;
    for (let attempt = 0; ; attempt += 1) {
      if (commands.creations.knows(command, principal)) return await commands.execute(command, { principal });
      if (isDraining()) return rejected('runtime-draining');
      if (command.idempotencyKey === undefined) return (await this.#begin(command, principal)) as OutcomeOf<Command>;
      const claiming = this.#claiming.get(name);
      if (claiming) {
        await claiming;
        continue;
      }
      const created = await this.#begin(command, principal, name);
      if (!('by' in created)) return created;
      const outcome = await router.execute(created.by, command, principal);
      if (outcome !== 'elsewhere') return outcome;
      if (options.clock.now() >= giveUpAt) return router.moved(created.by, command, 'no');
      await pause(options.clock, delaysMs[Math.min(attempt, delaysMs.length - 1)] ?? 0);
    }
  }

  async #begin(
    command: CreateCommand,
    principal: Principal | undefined,
    name?: string,
  ): Promise<OutcomeOf<Command> | Claimed> {
    const { options, commands, holdings } = this.#dependencies;
    const workerId = newWorkerId(options.clock.now());
    const { lease } = holdings;
    const begins = holdings.reserve(workerId);
    const claim = this.#claim(workerId, name);
    // What is created is known by its key in the same turn in which nobody waits for the claim any more.
    const begun = claim.then((by) => {
      if (lease.aborted) throw new LogUnreadable('the lease was lost as a Worker was created');
      return by === workerId && { asked: commands.execute(command, { principal }, { workerId }) };
    });
    void begun.catch(() => undefined).then(begins);
    if (name !== undefined) {
      this.#claiming.set(
        name,
        begun.catch(() => undefined),
      );
      void begun.catch(() => undefined).then(() => this.#claiming.delete(name));
    }
    const own = await begun;
    if (!own) {
      await holdings.forget(workerId);
      return { by: await claim };
    }
    const outcome = await own.asked;
    // What was left to another host, or is in doubt, is not this host's to free.
    if (!isDecided(outcome)) return outcome;
    const isKeyFree = name !== undefined && !commands.creations.knows(command, principal);
    if (isKeyFree) await this.#freeKey(name, workerId);
    if (!holdings.has(workerId)) await holdings.forget(workerId);
    return outcome;
  }

  /** The Worker is this host's before its key is its own: a key of a Worker that nobody owns is taken to be free. */
  async #claim(workerId: WorkerId, name: string | undefined): Promise<WorkerId> {
    const { ownership } = this.#dependencies;
    await engine(ownership.take(workerId));
    return name === undefined ? workerId : await engine(ownership.claimKey(name, workerId));
  }

  /** The key of a Worker that is forgotten is free, too. */
  async #freeKey(name: string, workerId: WorkerId): Promise<void> {
    const { ownership, options } = this.#dependencies;
    await ownership.freeKey(name, workerId).catch((cause: unknown) => {
      options.logger.warn('a key could not be freed', { workerId, cause });
    });
  }
}

const isDecided = (outcome: OutcomeOf<Command>): boolean =>
  outcome.outcome !== 'errored' ||
  (outcome.executed === 'no' && outcome.code !== 'worker-moved' && outcome.code !== 'log-unavailable');
