import type { PublicStatus, ProfileView, RuntimeView, WorkerView } from '../../../../domain/observation/view.js';
import type { Errored, Rejected } from '../../../../domain/outcome.js';
import type { BrowserGateway, WorkerRef } from '../../../../ports/browser-gateway.js';
import { coalesced } from './coalesced.js';
import type { Readable } from './store.js';
import { store } from './store.js';

/** A Runtime and what is there. */
export interface RuntimeListing {
  readonly runtime: RuntimeView;
  readonly profiles: readonly ProfileView[];
  /** Newest first. */
  readonly workers: readonly WorkerView[];
  /** There are more than are listed. */
  readonly isCut: boolean;
  /** Why it could not be read the last time. What is here may be old. */
  readonly problem?: Rejected | Errored | undefined;
}

type Listings = readonly RuntimeListing[];

export interface RosterState {
  readonly isLoaded: boolean;
  readonly listings: readonly RuntimeListing[];
  /** Only Workers of this status are listed. */
  readonly status?: PublicStatus | undefined;
  /** Why not even the Runtimes could be read the last time. */
  readonly problem?: Rejected | Errored | undefined;
}

/** Which Workers there are, as a few reads of the lists tell it: nothing tells of a new one by itself. */
export interface Roster {
  readonly state: Readable<RosterState>;
  /** Reads again. While it reads, asking once more reads once more afterwards. */
  refresh(): Promise<void>;
  filter(status: PublicStatus | undefined): void;
  /** A Worker as it is now known: shown at once, until the next read. */
  put(worker: WorkerView): void;
  remove(worker: WorkerRef): void;
  /** Forgets all of it, and what is being read. */
  clear(): void;
}

/** How many Workers a read of a list asks for. */
export const pageLength = 200;
/** Of one Runtime. Lists come oldest first: of more Workers than ten pages hold the newest are not seen. */
const maxPages = 10;

const newestFirst = (one: WorkerView, other: WorkerView): number =>
  one.createdAt === other.createdAt
    ? other.workerId.localeCompare(one.workerId)
    : one.createdAt < other.createdAt
      ? 1
      : -1;

export const isSameWorker = (one: WorkerRef, other: WorkerRef): boolean =>
  one.workerId === other.workerId && one.runtimeId === other.runtimeId;

export const listingOf = ({ listings }: RosterState, runtimeId: RuntimeView['runtimeId']): RuntimeListing | undefined =>
  listings.find(({ runtime }) => runtime.runtimeId === runtimeId);

async function readWorkers(gateway: BrowserGateway, { runtimeId }: RuntimeView, status: PublicStatus | undefined) {
  const workers: WorkerView[] = [];
  let after: WorkerRef['workerId'] | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await gateway.read({ type: 'workers', runtimeId, status, after, limit: pageLength });
    if (answer.outcome !== 'answered') return answer;
    workers.push(...answer.workers);
    after = answer.next;
    if (after === undefined) break;
  }
  return { outcome: 'answered' as const, workers: workers.sort(newestFirst), isCut: after !== undefined };
}

async function readListing(
  gateway: BrowserGateway,
  runtime: RuntimeView,
  before: RosterState,
  status: PublicStatus | undefined,
): Promise<RuntimeListing> {
  const { runtimeId } = runtime;
  const old = listingOf(before, runtimeId);
  const kept = { runtime, profiles: old?.profiles ?? [], workers: old?.workers ?? [], isCut: old?.isCut ?? false };
  const profiles = await gateway.read({ type: 'profiles', runtimeId });
  if (profiles.outcome !== 'answered') return { ...kept, problem: profiles };
  const listed = await readWorkers(gateway, runtime, status);
  if (listed.outcome !== 'answered') return { ...kept, profiles: profiles.profiles, problem: listed };
  return { runtime, profiles: profiles.profiles, workers: listed.workers, isCut: listed.isCut };
}

export function roster(gateway: BrowserGateway): Roster {
  const unread: RosterState = { isLoaded: false, listings: [] };
  const state = store(unread);
  let clearings = 0;
  /** What was told of Workers while the lists are read: a list that was read before does not undo it. */
  let told: ((listings: Listings) => Listings)[] | undefined;

  async function read(): Promise<void> {
    const { status } = state.get();
    const begun = clearings;
    const answer = await gateway.read({ type: 'runtimes' });
    if (clearings !== begun) return;
    if (answer.outcome !== 'answered') return state.set({ ...state.get(), isLoaded: true, problem: answer });
    const before = state.get();
    const listings = await Promise.all(answer.runtimes.map((runtime) => readListing(gateway, runtime, before, status)));
    // What is filtered otherwise meanwhile is being read again.
    if (state.get().status !== status || clearings !== begun) return;
    state.set({
      isLoaded: true,
      listings: (told ?? []).reduce<Listings>((shown, apply) => apply(shown), listings),
      status,
    });
  }

  const refresh = coalesced(() => {
    told = [];
    return read().finally(() => (told = undefined));
  });

  function change(runtimeId: string, workersOf: (workers: readonly WorkerView[]) => readonly WorkerView[]): void {
    const apply = (listings: Listings): Listings =>
      listings.map((listing) =>
        listing.runtime.runtimeId === runtimeId ? { ...listing, workers: workersOf(listing.workers) } : listing,
      );
    told?.push(apply);
    const now = state.get();
    state.set({ ...now, listings: apply(now.listings) });
  }

  return {
    state,
    refresh,
    clear() {
      clearings += 1;
      state.set(unread);
    },
    filter(status) {
      state.set({ ...state.get(), status });
      void refresh();
    },
    put(worker) {
      const { status } = state.get();
      change(worker.runtimeId, (workers) => {
        const others = workers.filter((other) => !isSameWorker(worker, other));
        return status === undefined || status === worker.status ? [worker, ...others].sort(newestFirst) : others;
      });
    },
    remove: (worker) => change(worker.runtimeId, (workers) => workers.filter((other) => !isSameWorker(worker, other))),
  };
}
