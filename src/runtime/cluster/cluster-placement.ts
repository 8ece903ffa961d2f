import type { WorkerId } from '../../domain/ids.js';
import { workerView } from '../../domain/observation/view.js';
import type { WorkerView } from '../../domain/observation/view.js';
import type { Principal } from '../../ports/authenticator.js';
import type { CallOptions, Command, OutcomeOf } from '../../ports/browser-gateway.js';
import type { HostId } from '../../ports/worker-ownership.js';
import { existsFor } from '../catalog.js';
import type { Catalog } from '../catalog.js';
import type { Commands } from '../commands.js';
import type { ListRequest } from '../../protocol/host-requests.js';
import { late, withDeadline } from '../deadline.js';
import type { LogReader } from '../log-reader.js';
import type { Mailbox } from '../mailbox.js';
import type { ClusterOptions, ResolvedOptions } from '../options.js';
import type { Found, Located, Placement, WorkersQuery } from '../placement.js';
import { Holdings, pause, unlinked } from './holdings.js';
import { ClusterCreates } from './cluster-creates.js';
import { Peers } from './peers.js';
import type { Answering } from './peers.js';
import { engine, Router } from './router.js';

/** How long a list waits for another host. */
const listMs = 2_000;
/** Between two tries to be asked by the others. */
const serveAgainMs = 500;
/** Heads of Workers that are read at once, for a host that does not answer. */
const headsAtOnce = 32;

interface ClusterDependencies {
  readonly options: ResolvedOptions;
  readonly cluster: ClusterOptions;
  readonly catalog: Catalog;
  readonly commands: Commands;
  readonly reader: LogReader;
  readonly isDraining: () => boolean;
}

/**
 * Some Workers are at this host, others at other hosts: commands go to the owner of a Worker, and whatever is read is
 * read from the log that all of them share, at whichever host.
 */
export class ClusterPlacement implements Placement {
  readonly #dependencies: ClusterDependencies;
  readonly #holdings: Holdings;
  readonly #peers: Peers;
  readonly #router: Router;
  readonly #creates: ClusterCreates;
  #unserve: Promise<() => void> | undefined;

  constructor(dependencies: ClusterDependencies) {
    const { cluster, options, commands } = dependencies;
    const { ownership, link } = cluster;
    this.#dependencies = dependencies;
    const { creations } = commands;
    this.#holdings = new Holdings({ ...dependencies, ownership, creations }, (hostId) => this.#serve(hostId));
    this.#peers = new Peers(link, options.logger);
    const parts = { ...dependencies, ownership, holdings: this.#holdings };
    this.#router = new Router({ ...parts, peers: this.#peers });
    this.#creates = new ClusterCreates({ ...parts, router: this.#router });
  }

  /** Another host writes the log of a Worker that is here. */
  moved(mailbox: Mailbox): void {
    this.#holdings.moved(mailbox);
  }

  /** Nothing of a Worker of this host is left. */
  gone(workerId: WorkerId): void {
    void this.#holdings.forget(workerId);
  }

  /** What is this host's comes one by one, as others leave it. */
  async open(): Promise<readonly Found[]> {
    await engine(this.#holdings.enter());
    await this.#unserve;
    return [];
  }

  async execute(command: Command, { principal }: CallOptions): Promise<OutcomeOf<Command>> {
    if (command.type === 'create') return await this.#creates.create(command, principal);
    return (await this.#router.execute(command.worker.workerId, command, principal)) as OutcomeOf<Command>;
  }

  find(
    workerId: WorkerId,
    principal: Principal | undefined,
    signal: AbortSignal,
  ): Located | undefined | Promise<Located | undefined> {
    const { catalog, reader } = this.#dependencies;
    const state = () => catalog.get(workerId)?.state ?? reader.head(workerId, signal);
    const here = catalog.get(workerId);
    if (!here) return this.#findInLog(workerId, principal, signal, state);
    if (!existsFor(here.state, principal)) return undefined;
    return { workerId, found: here.state, state, inLog: () => reader.head(workerId, signal) };
  }

  async list(
    query: Pick<WorkersQuery, 'after' | 'status'>,
    most: number,
    principal: Principal | undefined,
    signal: AbortSignal,
  ): Promise<readonly WorkerView[]> {
    const { catalog, cluster } = this.#dependencies;
    const others = cluster.ownership.hosts().filter((hostId) => hostId !== this.#holdings.hostId);
    // Nothing but this: another host refuses what it does not know.
    const { after, status } = query;
    const asked = { after, status, most, principal };
    const pages = await Promise.all(others.map((hostId) => this.#listOf(hostId, asked, signal)));
    // One that moves meanwhile may be in two of them.
    const views = new Map<WorkerId, WorkerView>();
    for (const view of [...pages.flat(), ...catalog.list(query, most, principal)]) views.set(view.workerId, view);
    return [...views.values()].toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1)).slice(0, most);
  }

  /** Each Worker is handed over as soon as it rests. */
  async drain(): Promise<void> {
    this.#holdings.end();
    const { options, catalog } = this.#dependencies;
    const { clock, limits } = options;
    await Promise.all(
      catalog.all().map(async (mailbox) => {
        await withDeadline(clock, limits.drainMs, () => mailbox.rest());
        await this.#holdings.release(mailbox);
      }),
    );
  }

  async close(): Promise<void> {
    this.#holdings.end();
    await Promise.all(this.#dependencies.catalog.all().map((mailbox) => this.#holdings.close(mailbox)));
  }

  async leave(): Promise<void> {
    const { ownership, link } = this.#dependencies.cluster;
    this.#holdings.leave();
    await ownership[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
  }

  async #findInLog(
    workerId: WorkerId,
    principal: Principal | undefined,
    signal: AbortSignal,
    state: Located['state'],
  ): Promise<Located | undefined> {
    const head = await this.#dependencies.reader.head(workerId, signal);
    return head && existsFor(head, principal) ? { workerId, found: head, state } : undefined;
  }

  async #listOf(hostId: HostId, asked: ListRequest, signal: AbortSignal): Promise<readonly WorkerView[]> {
    const told = await withDeadline(this.#dependencies.options.clock, listMs, (call) =>
      this.#peers.list(hostId, asked, call.signal),
    ).catch(() => undefined);
    return told === late || told === undefined ? await this.#listFromLog(hostId, asked, signal) : told;
  }

  /** What a host that does not answer cannot tell, the log does. */
  async #listFromLog(
    hostId: HostId,
    { after, status, most, principal }: ListRequest,
    signal: AbortSignal,
  ): Promise<readonly WorkerView[]> {
    const { reader, options } = this.#dependencies;
    const held = (await engine(this.#heldBy(hostId, signal)))
      .filter((workerId) => after === undefined || workerId > after)
      .toSorted();
    const views: WorkerView[] = [];
    for (let from = 0; from < held.length && views.length < most; from += headsAtOnce) {
      signal.throwIfAborted();
      const few = held.slice(from, from + headsAtOnce);
      const heads = await Promise.all(few.map((workerId) => reader.head(workerId, unlinked())));
      for (const head of heads) {
        if (!head || !existsFor(head, principal) || (status && head.status.status !== status)) continue;
        views.push(workerView(head, options.runtimeId));
      }
    }
    return views.slice(0, most);
  }

  async #heldBy(hostId: HostId, signal: AbortSignal): Promise<readonly WorkerId[]> {
    const held: WorkerId[] = [];
    for await (const workerId of this.#dependencies.cluster.ownership.heldBy(hostId, { signal })) held.push(workerId);
    return held;
  }

  #serve(hostId: HostId | undefined): void {
    const { catalog } = this.#dependencies;
    void this.#unserve?.then((unserve) => unserve());
    this.#unserve = undefined;
    if (hostId === undefined) return;
    const answering: Answering = {
      execute: (asked) => this.#router.here(asked),
      list: ({ most, principal, ...query }) => catalog.list(query, most, principal),
    };
    this.#unserve = this.#served(hostId, answering);
  }

  /** Tried for as long as this host has that id: one that owns Workers and cannot be asked keeps them from everybody. */
  async #served(hostId: HostId, answering: Answering): Promise<() => void> {
    const { clock, logger } = this.#dependencies.options;
    while (this.#holdings.hostId === hostId) {
      try {
        return await this.#peers.serve(hostId, answering);
      } catch (cause) {
        logger.error('this host cannot be asked by the others: it is tried again', { hostId, cause });
      }
      await pause(clock, serveAgainMs);
    }
    return () => undefined;
  }
}
