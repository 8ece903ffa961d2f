import type { RuntimeId, WorkerId } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import type { Errored, Rejected } from '../domain/outcome.js';
import { rejected } from '../domain/outcome.js';
import { abortable, leavable, linkedSignal } from '../ports/abort.js';
import type { Principal } from '../ports/authenticator.js';
import type {
  AnswerOf,
  BrowserGateway,
  CallOptions,
  Command,
  CreateCommand,
  Frame,
  OutcomeOf,
  Query,
  WorkerRef,
} from '../ports/browser-gateway.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/clock.js';
import type { CreationRecord } from '../ports/creation-record.js';
import type { Logger } from '../ports/logger.js';
import { nullLogger } from '../ports/logger.js';
import { offers } from './catalog.js';
import { guardedGateway } from './guarded-gateway.js';
import { digestOf, newCorrelationId } from './ids.js';
import { inMemoryCreationRecord } from './in-memory-creation-record.js';
import { renamed } from './renamed.js';

export interface MountOptions {
  /** What it is called here. */
  readonly runtimeId: RuntimeId;
  /** What it is called on its own host. The same. */
  readonly remoteId?: RuntimeId | undefined;
  /** Who created which Worker. In memory: after a restart nobody's filter `own` finds what was there before. */
  readonly record?: CreationRecord | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

type WorkersQuery = Extract<Query, { type: 'workers' }>;
type CreateOutcome = OutcomeOf<CreateCommand>;

/** Of how many Workers the profile is remembered, once it was asked for: it never changes. */
const knownProfiles = 10_000;
/** The longest page that a Runtime gives of its Workers. */
const pageOfWorkers = 200;
const usualPage = 50;
/** So many pages of the other host are read for one of a filtered list. */
const mostPages = 50;

/**
 * A Runtime of another host, to stand beside a local one in a `registry`. `gateway` reaches that host, with a token of its
 * own, and knows none of our principals: what a local Runtime does with `call.principal` is done before it (B4), and
 * what it answers is passed on only where it has the public shapes (B1).
 */
export function mountRuntime(gateway: BrowserGateway, options: MountOptions): BrowserGateway {
  const { runtimeId, remoteId = runtimeId, record = inMemoryCreationRecord() } = options;
  const { logger = nullLogger, clock = systemClock } = options;
  const guarded = guardedGateway(gateway, { logger, clock });
  return new Mounted(renamed(guarded, { here: runtimeId, there: remoteId }), { runtimeId, record, logger, clock });
}

interface MountDependencies {
  readonly runtimeId: RuntimeId;
  readonly record: CreationRecord;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A gateway that knows one principal alone, as each of ours may use it. */
class Mounted implements BrowserGateway {
  readonly #gateway: BrowserGateway;
  readonly #runtimeId: RuntimeId;
  readonly #record: CreationRecord;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #profiles = new Map<WorkerId, string>();

  constructor(gateway: BrowserGateway, { runtimeId, record, logger, clock }: MountDependencies) {
    this.#runtimeId = runtimeId;
    this.#gateway = gateway;
    this.#record = record;
    this.#logger = logger;
    this.#clock = clock;
  }

  async execute<C extends Command>(command: C, { signal, principal }: CallOptions = {}): Promise<OutcomeOf<C>> {
    const asked: Command = command;
    if (asked.type === 'create') return await this.#create(asked, signal, principal);
    const refusal = await this.#refusal(asked.worker, signal, principal);
    // To delete what is not there is no fault, and what may not be seen looks like that.
    if (refusal?.code === 'worker-unknown' && asked.type === 'delete') return { outcome: 'accepted' };
    if (refusal) return refusal;
    const outcome = await this.#gateway.execute(command, { signal });
    // What is not found now may be hidden from this host's token alone, for a while: only who deletes it forgets it.
    if (asked.type === 'delete' && outcome.outcome === 'accepted') await this.#forget(asked.worker);
    return outcome;
  }

  async read<Q extends Query>(query: Q, { signal, principal }: CallOptions = {}): Promise<AnswerOf<Q>> {
    return await this.#read(query, signal, principal);
  }

  observe(worker: WorkerRef, from?: string, call: CallOptions = {}): AsyncIterable<Frame> {
    const left = new AbortController();
    const frames = this.#frames(worker, from, call, left.signal);
    return leavable(frames, () => left.abort(new Error('nobody looks any more')));
  }

  async *#frames(
    worker: WorkerRef,
    from: string | undefined,
    { signal: asked, principal }: CallOptions,
    left: AbortSignal,
  ): AsyncGenerator<Frame, void, void> {
    const { signal, release } = linkedSignal([asked, left]);
    try {
      const refusal = await this.#refusal(worker, signal, principal);
      if (refusal) return yield { type: 'problem', problem: refusal };
      yield* this.#gateway.observe(worker, from, { signal });
    } catch (cause) {
      if (!left.aborted) throw cause;
    } finally {
      release();
    }
  }

  /** Its keys are its own: on the other host all principals are one. */
  async #create(
    command: CreateCommand,
    signal: AbortSignal | undefined,
    principal: Principal | undefined,
  ): Promise<CreateOutcome> {
    if (!principal) return this.#gateway.execute(command, { signal });
    signal?.throwIfAborted();
    if (command.runtimeId !== this.#runtimeId) return rejected('runtime-unknown');
    if (!offers(principal, command.profile)) return rejected('profile-unknown');
    const { idempotencyKey: key } = command;
    const own = key === undefined ? command : { ...command, idempotencyKey: digestOf([principal.id, key]) };
    // Whoever stops waiting is still to be recorded as the creator.
    return abortable(this.#createRecorded(own, principal), signal);
  }

  async #createRecorded(command: CreateCommand, principal: Principal): Promise<CreateOutcome> {
    const outcome = await this.#gateway.execute(command);
    if (outcome.outcome !== 'accepted') return outcome;
    this.#know(outcome.worker);
    return (await this.#recorded(outcome.worker, principal)) ?? outcome;
  }

  async #recorded(worker: WorkerView, { id }: Principal): Promise<Errored | undefined> {
    if (this.#record.creatorOf(worker) !== undefined) return undefined;
    try {
      await this.#record.add(worker, id);
      return undefined;
    } catch (cause) {
      const correlationId = newCorrelationId(this.#clock);
      this.#logger.error('creator of a Worker could not be recorded', { correlationId, cause });
      return { outcome: 'errored', code: 'log-unavailable', executed: 'unknown', correlationId };
    }
  }

  async #read(
    query: Query,
    signal: AbortSignal | undefined,
    principal: Principal | undefined,
  ): Promise<AnswerOf<Query>> {
    switch (query.type) {
      case 'runtimes':
        return this.#gateway.read(query, { signal });
      case 'profiles': {
        const answer = await this.#gateway.read(query, { signal });
        if (answer.outcome !== 'answered') return answer;
        return { outcome: 'answered', profiles: answer.profiles.filter(({ name }) => offers(principal, name)) };
      }
      case 'workers':
        if (query.runtimeId !== this.#runtimeId) return rejected('runtime-unknown');
        return isFiltered(principal) ? this.#workers(query, signal, principal) : this.#gateway.read(query, { signal });
      case 'worker':
      case 'transcript':
      case 'observations': {
        const refusal = await this.#refusal(query.worker, signal, principal);
        return refusal ?? this.#gateway.read(query, { signal });
      }
    }
  }

  /** A page of those that exist for it, of as many pages of the others as that takes; a shorter one where it takes too many. */
  async #workers(
    { limit = usualPage, ...query }: WorkersQuery,
    signal: AbortSignal | undefined,
    principal: Principal,
  ): Promise<AnswerOf<WorkersQuery>> {
    if (!Number.isInteger(limit) || limit < 1 || limit > pageOfWorkers) return rejected('limit-invalid');
    const found: WorkerView[] = [];
    let after = query.after;
    for (let pages = 1; ; pages += 1) {
      const page = await this.#gateway.read<WorkersQuery>({ ...query, after, limit: pageOfWorkers }, { signal });
      if (page.outcome !== 'answered') return page;
      found.push(...page.workers.filter((worker) => this.#exists(worker, principal)));
      const isLast = page.next === undefined || (after !== undefined && page.next <= after);
      if (isLast || found.length > limit) break;
      after = page.next;
      if (pages === mostPages) return { outcome: 'answered', workers: found, next: after };
    }
    const workers = found.slice(0, limit);
    const last = workers.at(-1);
    return { outcome: 'answered', workers, ...(found.length > limit && last && { next: last.workerId }) };
  }

  #exists(worker: WorkerView, principal: Principal): boolean {
    return this.#isOwn(worker, principal) && offers(principal, worker.profile);
  }

  #isOwn(worker: WorkerRef, principal: Principal): boolean {
    return !principal.own || this.#record.creatorOf(worker) === principal.id;
  }

  /** Why a Worker is not there for somebody; `undefined` where it may be. */
  async #refusal(
    worker: WorkerRef,
    signal: AbortSignal | undefined,
    principal: Principal | undefined,
  ): Promise<Rejected | Errored | undefined> {
    if (worker.runtimeId !== this.#runtimeId) return rejected('runtime-unknown');
    if (!isFiltered(principal)) return undefined;
    if (!this.#isOwn(worker, principal)) return rejected('worker-unknown');
    if (!principal.profiles) return undefined;
    const known = this.#profiles.get(worker.workerId);
    if (known !== undefined && offers(principal, known)) return undefined;
    // Also where it is known that it may not be seen: what is not there is asked for each time, too.
    const profile = await this.#profileOf(worker, signal);
    if (typeof profile !== 'string') return profile;
    return offers(principal, profile) ? undefined : rejected('worker-unknown');
  }

  async #profileOf(worker: WorkerRef, signal: AbortSignal | undefined): Promise<string | Rejected | Errored> {
    const answer = await this.#gateway.read({ type: 'worker', worker }, { signal });
    if (answer.outcome !== 'answered') return answer;
    this.#know(answer.worker);
    return answer.worker.profile;
  }

  #know({ workerId, profile }: WorkerView): void {
    const [oldest] = this.#profiles.keys();
    if (this.#profiles.size >= knownProfiles && oldest !== undefined) this.#profiles.delete(oldest);
    this.#profiles.set(workerId, profile);
  }

  async #forget(worker: WorkerRef): Promise<void> {
    this.#profiles.delete(worker.workerId);
    if (this.#record.creatorOf(worker) === undefined) return;
    await this.#record.remove(worker).catch((cause: unknown) => {
      this.#logger.warn('creator of a Worker could not be forgotten', { cause });
    });
  }
}

const isFiltered = (principal: Principal | undefined): principal is Principal =>
  principal !== undefined && (principal.own === true || principal.profiles !== undefined);
