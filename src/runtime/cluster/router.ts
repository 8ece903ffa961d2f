import { InputId } from '../../domain/ids.js';
import type { WorkerId } from '../../domain/ids.js';
import { rejected } from '../../domain/outcome.js';
import type { Errored } from '../../domain/outcome.js';
import { linkedSignal } from '../../ports/abort.js';
import type { Principal } from '../../ports/authenticator.js';
import type { Command, CreateCommand, OutcomeOf } from '../../ports/browser-gateway.js';
import type { HostId, Owner, WorkerOwnership } from '../../ports/worker-ownership.js';
import type { Catalog } from '../catalog.js';
import type { Commands } from '../commands.js';
import { withDeadline } from '../deadline.js';
import { maxCallerMs } from '../deadlines.js';
import { digestOf, newCorrelationId, newUuid } from '../ids.js';
import { LogUnreadable } from '../log-reader.js';
import type { LogReader } from '../log-reader.js';
import type { Mailbox } from '../mailbox.js';
import type { ResolvedOptions } from '../options.js';
import { errored } from '../unavailable.js';
import type { Holdings } from './holdings.js';
import { pause } from './holdings.js';
import type { Asked, PeerOutcome, Peers } from './peers.js';

interface RouterDependencies {
  readonly options: ResolvedOptions;
  readonly ownership: WorkerOwnership;
  readonly holdings: Holdings;
  readonly peers: Peers;
  readonly catalog: Catalog;
  readonly commands: Commands;
  readonly reader: LogReader;
  readonly isDraining: () => boolean;
}

/** Between two tries to find the host that owns a Worker. */
export const delaysMs = [20, 50, 100, 200, 400] as const;
/** So many leases are waited for somebody to take a Worker: within two it is taken over. */
export const patience = 3;
/** How often it is looked whether who was asked still owns the Worker, in parts of a lease. */
const looksPerLease = 4;
/** Longer than an owner takes for anything: its own deadlines end it. */
const marginMs = 30_000;

/**
 * Hands a command to the host that owns its Worker, which may be this one, or is, once it has taken it. Where the owner
 * dies meanwhile, whoever takes over is asked again: an input has an id, so that its ledger tells what became of it
 * (W8), and everything else that is asked twice does no more than once.
 */
export class Router {
  readonly #dependencies: RouterDependencies;

  constructor(dependencies: RouterDependencies) {
    this.#dependencies = dependencies;
  }

  /** `elsewhere`, of a create alone: its key is of no Worker any more. */
  async execute(
    workerId: WorkerId,
    command: Command,
    principal: Principal | undefined,
  ): Promise<OutcomeOf<Command> | 'elsewhere'> {
    const { options, ownership } = this.#dependencies;
    const { clock } = options;
    const named = this.#named(command);
    let executed: Errored['executed'] = 'no';
    let giveUpAt = clock.now() + patience * ownership.leaseMs;
    for (let attempt = 0; ; attempt += 1) {
      const isNewInput = named !== command && executed === 'no';
      const asked = this.#once({ workerId, command: named, isNewInput, principal });
      const outcome = whereFound(await (executed === 'no' ? asked : asked.catch(unreadableIsUnknown)));
      if (typeof outcome !== 'string' && !this.#isHandedOver(outcome)) return inDoubt(outcome, executed);
      if (outcome === 'elsewhere' && command.type === 'create' && executed === 'no') return outcome;
      if (outcome === 'unknown' && executed === 'no') {
        executed = 'unknown';
        giveUpAt = clock.now() + patience * ownership.leaseMs;
      }
      // Who gives an answer again that was taken would be told that there is no such question.
      const isLost = command.type === 'answer' && executed === 'unknown';
      const isTold = typeof outcome !== 'string';
      if (isLost || clock.now() >= giveUpAt) return isTold ? outcome : this.moved(workerId, command, executed);
      await pause(clock, delaysMs[Math.min(attempt, delaysMs.length - 1)] ?? 0);
    }
  }

  /** What this host does with a command for a Worker of its own. */
  async here({ workerId, command, isNewInput, principal }: Asked): Promise<OutcomeOf<Command> | 'elsewhere'> {
    const { catalog, commands, ownership } = this.#dependencies;
    const mailbox = catalog.get(workerId) ?? (await this.#opened(workerId));
    if (!mailbox) return 'elsewhere';
    if (command.type === 'create' && !commands.creations.knowsOf(mailbox, command, principal)) {
      // What is in doubt may be there after all.
      if (!mailbox.isOpen()) return errored('log-unavailable', 'no', this.#dependencies.options.clock);
      await engine(ownership.freeKey(keyNameOf(command, principal), workerId));
      return 'elsewhere';
    }
    return await commands.execute(command, { principal }, { isNewInput });
  }

  async #once(asked: Asked): Promise<PeerOutcome> {
    const { holdings } = this.#dependencies;
    const { workerId, command } = asked;
    if (holdings.has(workerId)) return await this.here(asked);
    const owner = await this.#ownerOf(workerId);
    if (!owner) return ofNobody(command);
    if (owner.hostId === undefined || owner.isGone) return await this.#take(workerId);
    if (owner.hostId !== holdings.hostId) return await this.#ask(owner.hostId, asked);
    await this.#patiently(holdings.open(workerId));
    return 'unsent';
  }

  /** A Worker of this host's that is not open: it was taken without a word of it. */
  async #opened(workerId: WorkerId): Promise<Mailbox | undefined> {
    const { holdings, catalog, ownership } = this.#dependencies;
    const { hostId } = holdings;
    const owner = await engine(ownership.ownerOf(workerId, { signal: new AbortController().signal }));
    if (hostId === undefined || owner?.hostId !== hostId) return undefined;
    await this.#patiently(holdings.open(workerId));
    return catalog.get(workerId);
  }

  /** A log that cannot be read is waited for by who opens the Worker, and not by who asks. */
  async #patiently(asked: Promise<void>): Promise<void> {
    const { options, ownership } = this.#dependencies;
    await engine(withDeadline(options.clock, patience * ownership.leaseMs, () => asked));
  }

  /** A Worker that nobody was told of may have a log all the same: its creator was cut off. */
  async #ownerOf(workerId: WorkerId): Promise<Owner | undefined> {
    const { ownership, reader } = this.#dependencies;
    const signal = new AbortController().signal;
    const owner = await engine(ownership.ownerOf(workerId, { signal }));
    if (owner) return owner;
    return (await reader.head(workerId, signal)) ? { isGone: true } : undefined;
  }

  async #take(workerId: WorkerId): Promise<PeerOutcome> {
    const { holdings, isDraining } = this.#dependencies;
    if (!isDraining()) await this.#patiently(holdings.take(workerId));
    return 'unsent';
  }

  /** Waits as long as the host that was asked owns the Worker. */
  async #ask(hostId: HostId, asked: Asked): Promise<PeerOutcome> {
    const { peers, ownership, options } = this.#dependencies;
    const { clock } = options;
    const waiting = linkedSignal([]);
    const endAt = clock.now() + maxCallerMs + marginMs;
    let look = (): void => undefined;
    const again = (): void => {
      look = clock.after(ownership.leaseMs / looksPerLease, () => void isOver());
    };
    const isOver = async (): Promise<void> => {
      const { signal } = waiting;
      const owner = await ownership.ownerOf(asked.workerId, { signal }).catch(() => ({ hostId, isGone: false }));
      if (clock.now() >= endAt || owner?.hostId !== hostId || owner.isGone) waiting.abort(new Error('it has moved'));
      else if (!signal.aborted) again();
    };
    again();
    try {
      return await peers.execute(hostId, asked, waiting.signal);
    } catch (cause) {
      if (!waiting.signal.aborted) throw cause;
      return 'unknown';
    } finally {
      look();
      waiting.abort(new Error('it was answered'));
    }
  }

  /** Its host drains, this one does not: another host takes the Worker when it rests. */
  #isHandedOver(outcome: OutcomeOf<Command>): boolean {
    const isDrained = outcome.outcome === 'rejected' && outcome.code === 'runtime-draining';
    return isDrained && !this.#dependencies.isDraining();
  }

  /** An input gets its id before anybody is asked. */
  #named(command: Command): Command {
    if (command.type !== 'input' || command.inputId !== undefined) return command;
    return { ...command, inputId: InputId(newUuid(this.#dependencies.options.clock.now())) };
  }

  /** Nobody answered for it. */
  moved(workerId: WorkerId, { type }: Command, executed: Errored['executed']): Errored {
    const { clock, logger } = this.#dependencies.options;
    const correlationId = newCorrelationId(clock);
    logger.warn('no host answered for a Worker', { correlationId, workerId, operation: type, executed });
    return { outcome: 'errored', code: 'worker-moved', executed, correlationId };
  }
}

/** What is told of a Worker that nobody owns and that has no log. A key of it is free. */
function ofNobody({ type }: Command): PeerOutcome {
  if (type === 'create') return 'elsewhere';
  return type === 'delete' ? { outcome: 'accepted' } : rejected('worker-unknown');
}

/** Of what was asked of a host that is not the owner any more, the next one tells. */
function whereFound(outcome: PeerOutcome): PeerOutcome {
  if (typeof outcome === 'string' || outcome.outcome !== 'errored' || outcome.code !== 'worker-moved') return outcome;
  return outcome.executed === 'no' ? 'unsent' : 'unknown';
}

/** Nothing more is told of what may have been done before. */
function unreadableIsUnknown(cause: unknown): 'unknown' {
  if (cause instanceof LogUnreadable) return 'unknown';
  throw cause;
}

/** What was not done by who was asked last may have been done by who was asked before. */
function inDoubt(outcome: OutcomeOf<Command>, executed: Errored['executed']): OutcomeOf<Command> {
  return outcome.outcome === 'errored' && executed === 'unknown' ? { ...outcome, executed } : outcome;
}

/** Where the engine that hosts share cannot be asked, the log cannot be read either. */
export function engine<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((cause: unknown) => {
    const told = cause instanceof Error ? cause.message : 'nobody answers';
    throw new LogUnreadable(`it cannot be told whose a Worker is: ${told}`, { cause });
  });
}

/** Under which the hosts know the key of a create. */
export const keyNameOf = ({ idempotencyKey }: CreateCommand, principal: Principal | undefined): string =>
  digestOf([principal?.id ?? '', idempotencyKey ?? '']);
