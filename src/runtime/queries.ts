import { Sequence } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import { workerView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import type { Rejected } from '../domain/outcome.js';
import { isVisible } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import type { AnswerOf, Frame, Query, WorkerRef } from '../ports/browser-gateway.js';
import { offers } from './catalog.js';
import { refusedFrames } from './frames.js';
import { LogRemoved } from './log-reader.js';
import type { Observed, ObservationHub } from './observation-hub.js';
import { startOf } from './history.js';
import type { History } from './history.js';
import type { ResolvedOptions } from './options.js';
import type { Located, Placement } from './placement.js';

type QueryOf<T extends Query['type']> = Extract<Query, { type: T }>;

const limits = {
  workers: { most: 200, usual: 50 },
  transcript: { most: 500, usual: 100 },
  observations: { most: 500, usual: 100 },
};

interface QuerySources {
  readonly history: History;
  readonly hub: ObservationHub;
  readonly condition: () => { readonly ready: boolean; readonly draining: boolean };
}

/** What a caller reads. Speaks only of what exists for the caller (B4). */
export class Queries {
  readonly #options: ResolvedOptions;
  readonly #workers: Pick<Placement, 'find' | 'list'>;
  readonly #sources: QuerySources;

  constructor(options: ResolvedOptions, workers: Pick<Placement, 'find' | 'list'>, sources: QuerySources) {
    this.#options = options;
    this.#workers = workers;
    this.#sources = sources;
  }

  async read(query: Query, signal: AbortSignal, principal: Principal | undefined): Promise<AnswerOf<Query>> {
    switch (query.type) {
      case 'runtimes':
        return this.#isMine(query.runtimeId ?? this.#options.runtimeId)
          ? this.#runtimes()
          : rejected('runtime-unknown');
      case 'profiles':
        return this.#isMine(query.runtimeId) ? this.#profiles(principal) : rejected('runtime-unknown');
      case 'workers':
        return this.#isMine(query.runtimeId) ? this.#list(query, principal, signal) : rejected('runtime-unknown');
      case 'worker':
      case 'transcript':
      case 'observations': {
        const found = this.#find(query.worker, principal, signal);
        const located = found instanceof Promise ? await found : found;
        if ('outcome' in located) return located;
        const ahead = query.type === 'observations' ? aheadOf(located, query.after) : undefined;
        const worker = ahead ? await ahead : located;
        return this.#ofWorker(query, worker, signal).catch(unknownIfRemoved);
      }
    }
  }

  observe(
    worker: WorkerRef,
    from: string | undefined,
    signal: AbortSignal,
    principal: Principal | undefined,
  ): AsyncIterable<Frame> | Promise<AsyncIterable<Frame>> {
    const found = this.#find(worker, principal, signal);
    return found instanceof Promise
      ? found.then((located) => this.#frames(located, from, signal))
      : this.#frames(found, from, signal);
  }

  #frames(
    found: Located | Rejected,
    from: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Frame> | Promise<AsyncIterable<Frame>> {
    if ('outcome' in found) return refusedFrames(found);
    const ahead = aheadOf(found, from);
    if (ahead) return ahead.then((located) => this.#watched(located, from, signal));
    return this.#watched(found, from, signal);
  }

  #watched(found: Located, from: string | undefined, signal: AbortSignal): AsyncIterable<Frame> {
    return this.#sources.hub.observe(this.#observed(found), found.found, from, signal);
  }

  async #ofWorker(
    query: QueryOf<'worker' | 'transcript' | 'observations'>,
    { found }: Located,
    signal: AbortSignal,
  ): Promise<AnswerOf<Query>> {
    if (query.type === 'worker') return { outcome: 'answered', worker: workerView(found, this.#options.runtimeId) };
    const limit = limitOf(query);
    if (limit === undefined) return rejected('limit-invalid');
    if (query.type === 'transcript') {
      const after = query.after ?? Sequence(0);
      return { outcome: 'answered', ...(await this.#sources.history.transcript(found, after, limit, signal)) };
    }
    const page = await this.#sources.history.page(found, query.after, limit, signal);
    return 'problem' in page ? rejected(page.problem) : { outcome: 'answered', ...page };
  }

  #runtimes(): AnswerOf<QueryOf<'runtimes'>> {
    const { runtimeId, displayName, log } = this.#options;
    const named = displayName === undefined ? {} : { displayName };
    const runtime = { runtimeId, ...named, ...this.#sources.condition(), durability: log.durability };
    return { outcome: 'answered', runtimes: [runtime] };
  }

  #profiles(principal: Principal | undefined): AnswerOf<QueryOf<'profiles'>> {
    const offered = [...this.#options.profiles.values()].filter(({ name }) => offers(principal, name));
    const profiles = offered.map(({ name, label, description }) => ({
      name,
      label,
      ...(description !== undefined && { description }),
    }));
    return { outcome: 'answered', profiles };
  }

  async #list(
    query: QueryOf<'workers'>,
    principal: Principal | undefined,
    signal: AbortSignal,
  ): Promise<AnswerOf<QueryOf<'workers'>>> {
    const limit = limitOf(query);
    if (limit === undefined) return rejected('limit-invalid');
    const found = await this.#workers.list(query, limit + 1, principal, signal);
    const workers: readonly WorkerView[] = found.slice(0, limit);
    const last = workers.at(-1);
    return { outcome: 'answered', workers, ...(found.length > limit && last && { next: last.workerId }) };
  }

  #find(
    { runtimeId, workerId }: WorkerRef,
    principal: Principal | undefined,
    signal: AbortSignal,
  ): Located | Rejected | Promise<Located | Rejected> {
    if (!this.#isMine(runtimeId)) return rejected('runtime-unknown');
    const found = this.#workers.find(workerId, principal, signal);
    return found instanceof Promise ? found.then(orUnknown) : orUnknown(found);
  }

  #isMine(runtimeId: WorkerRef['runtimeId']): boolean {
    return runtimeId === this.#options.runtimeId;
  }

  #observed({ workerId, state }: Located): Observed {
    const { runtimeId } = this.#options;
    return { workerId, state, view: (shown) => workerView(shown, runtimeId) };
  }
}

/** A cursor that another host handed out may be ahead of what is known here: then the log tells (P5). */
function aheadOf(located: Located, from: string | undefined): Promise<Located> | undefined {
  if (from === undefined || !located.inLog) return undefined;
  const start = startOf(located.found, from);
  if (!('problem' in start) || start.problem !== 'cursor-unknown') return undefined;
  return located.inLog().then((found) => (found && isVisible(found) ? { ...located, found } : located));
}

const orUnknown = (found: Located | undefined): Located | Rejected => found ?? rejected('worker-unknown');

function unknownIfRemoved(cause: unknown): Rejected {
  if (cause instanceof LogRemoved) return rejected('worker-unknown');
  throw cause;
}

function limitOf({ type, limit }: QueryOf<'workers' | 'transcript' | 'observations'>): number | undefined {
  const { most, usual } = limits[type];
  if (limit === undefined) return usual;
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : undefined;
}
