import { Sequence } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import { workerView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import type { Rejected } from '../domain/outcome.js';
import type { Principal } from '../ports/authenticator.js';
import type { AnswerOf, Frame, Query, WorkerRef } from '../ports/browser-gateway.js';
import type { Catalog } from './catalog.js';
import { existsFor, offers } from './catalog.js';
import { refusedFrames } from './frames.js';
import { LogRemoved } from './log-reader.js';
import type { Mailbox } from './mailbox.js';
import type { Observed, ObservationHub } from './observation-hub.js';
import type { History } from './history.js';
import type { ResolvedOptions } from './options.js';

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
  readonly #catalog: Catalog;
  readonly #sources: QuerySources;

  constructor(options: ResolvedOptions, catalog: Catalog, sources: QuerySources) {
    this.#options = options;
    this.#catalog = catalog;
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
        return this.#isMine(query.runtimeId) ? this.#workers(query, principal) : rejected('runtime-unknown');
      case 'worker':
      case 'transcript':
      case 'observations': {
        const mailbox = this.#find(query.worker, principal);
        if ('outcome' in mailbox) return mailbox;
        return this.#ofWorker(query, mailbox, signal).catch(unknownIfRemoved);
      }
    }
  }

  observe(
    worker: WorkerRef,
    from: string | undefined,
    signal: AbortSignal,
    principal: Principal | undefined,
  ): AsyncIterable<Frame> {
    const mailbox = this.#find(worker, principal);
    if ('outcome' in mailbox) return refusedFrames(mailbox);
    return this.#sources.hub.observe(this.#observed(mailbox), from, signal);
  }

  async #ofWorker(
    query: QueryOf<'worker' | 'transcript' | 'observations'>,
    mailbox: Mailbox,
    signal: AbortSignal,
  ): Promise<AnswerOf<Query>> {
    if (query.type === 'worker') return { outcome: 'answered', worker: this.#view(mailbox) };
    const limit = limitOf(query);
    if (limit === undefined) return rejected('limit-invalid');
    if (query.type === 'transcript') {
      const after = query.after ?? Sequence(0);
      return { outcome: 'answered', ...(await this.#sources.history.transcript(mailbox.state, after, limit, signal)) };
    }
    const page = await this.#sources.history.page(mailbox.state, query.after, limit, signal);
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

  #workers(query: QueryOf<'workers'>, principal: Principal | undefined): AnswerOf<QueryOf<'workers'>> {
    const limit = limitOf(query);
    if (limit === undefined) return rejected('limit-invalid');
    const { after, status } = query;
    const found: WorkerView[] = [];
    for (const { state } of this.#catalog.after(after)) {
      if (!existsFor(state, principal) || (status && state.status.status !== status)) continue;
      found.push(workerView(state, this.#options.runtimeId));
      if (found.length > limit) break;
    }
    const workers = found.slice(0, limit);
    const last = workers.at(-1);
    return { outcome: 'answered', workers, ...(found.length > limit && last && { next: last.workerId }) };
  }

  #find(worker: WorkerRef, principal: Principal | undefined): Mailbox | Rejected {
    if (!this.#isMine(worker.runtimeId)) return rejected('runtime-unknown');
    return this.#catalog.find(worker.workerId, principal) ?? rejected('worker-unknown');
  }

  #isMine(runtimeId: WorkerRef['runtimeId']): boolean {
    return runtimeId === this.#options.runtimeId;
  }

  #observed(mailbox: Mailbox): Observed {
    const { runtimeId } = this.#options;
    return { workerId: mailbox.workerId, state: () => mailbox.state, view: (state) => workerView(state, runtimeId) };
  }

  #view({ state }: Mailbox): WorkerView {
    return workerView(state, this.#options.runtimeId);
  }
}

function unknownIfRemoved(cause: unknown): Rejected {
  if (cause instanceof LogRemoved) return rejected('worker-unknown');
  throw cause;
}

function limitOf({ type, limit }: QueryOf<'workers' | 'transcript' | 'observations'>): number | undefined {
  const { most, usual } = limits[type];
  if (limit === undefined) return usual;
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : undefined;
}
