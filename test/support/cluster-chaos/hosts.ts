import { createRuntime, inMemoryLog } from '../../../src/index.js';
import type { Runtime } from '../../../src/index.js';
import type { InputId } from '../../../src/domain/ids.js';
import type { WorkerLog } from '../../../src/ports/worker-log.js';
import { inMemoryCluster } from '../in-memory-cluster.js';
import type { InMemoryClusterHost } from '../in-memory-cluster.js';
import type { Chance } from '../kill/chance.js';
import { recordingLogger } from '../recording-logger.js';
import { sharedLog } from '../shared-log.js';
import { virtualClock } from '../virtual-clock.js';
import type { VirtualClock } from '../virtual-clock.js';
import { grid } from './grid.js';
import type { Dispatched, Grid } from './grid.js';

export const leaseMs = 1_000;

export interface ChaosHost extends Omit<InMemoryClusterHost, 'ownership' | 'link'> {
  readonly name: string;
  readonly runtime: Runtime;
  readonly local: Grid;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** Ends it: it answers nobody any more. */
  dispose(): void;
}

export interface ChaosCluster {
  readonly clock: VirtualClock;
  readonly shared: Grid;
  readonly dispatched: ReadonlyMap<InputId, Dispatched>;
  /** Those that were not disposed of. */
  readonly living: ReadonlySet<ChaosHost>;
  readonly everyHost: readonly ChaosHost[];
  host(): ChaosHost;
  /** From now on nothing is slow, refused or in doubt, and each host reaches the others. */
  heal(): void;
  /** Resolves when every disposal has ended. */
  disposed(): Promise<unknown>;
}

/** Hosts in virtual time that share a log, a backend that all of them reach, and each a backend of its own. */
export function chaosCluster(chance: Chance): ChaosCluster {
  const reads = new Set<Promise<unknown>>();
  const clock = waitingClock(reads);
  const cluster = inMemoryCluster({ leaseMs, clock });
  const log = inMemoryLog();
  const durability = chance.happens(0.5) ? 'sync' : 'none';
  const dispatched = new Map<InputId, Dispatched>();
  const living = new Set<ChaosHost>();
  const everyHost: ChaosHost[] = [];
  const disposals: Promise<unknown>[] = [];
  let isTroubled = true;
  const parts = { clock, chance, dispatched, isTroubled: () => isTroubled };
  const shared = grid({ ...parts, canRecover: true });
  return {
    clock,
    shared,
    dispatched,
    living,
    everyHost,
    host() {
      const name = `host ${String(everyHost.length + 1)}`;
      const { ownership, link, ...troubles } = cluster.host();
      const local = grid({ ...parts, canRecover: false });
      const logger = recordingLogger();
      const runtime = createRuntime({
        clock,
        logger,
        log: { ...troubled(log, reads, parts), durability },
        cluster: { ownership, link },
        profiles: {
          shared: { label: 'Shared', backend: shared.backendAt(name, false) },
          local: { label: 'Local', backend: local.backendAt(name, true) },
        },
      });
      const host: ChaosHost = {
        name,
        runtime,
        local,
        logger,
        ...troubles,
        dispose() {
          if (living.delete(host))
            disposals.push(Promise.resolve(runtime[Symbol.asyncDispose]()).catch((cause: unknown) => cause));
        },
      };
      living.add(host);
      everyHost.push(host);
      return host;
    },
    heal() {
      isTroubled = false;
      for (const host of everyHost) {
        host.resume();
        host.join();
      }
    },
    disposed: () => Promise.all(disposals),
  };
}

/** Time that waits for reads: a log in memory gives everybody else a turn, which takes no virtual time. */
function waitingClock(reads: ReadonlySet<Promise<unknown>>): VirtualClock {
  const clock = virtualClock();
  const stepMs = 20;
  return {
    ...clock,
    get pending() {
      return clock.pending;
    },
    async advance(ms) {
      for (let left = ms; ; left -= stepMs) {
        await clock.advance(Math.max(0, Math.min(stepMs, left)));
        while (reads.size > 0) await Promise.allSettled(reads);
        if (left <= stepMs) return await clock.settle();
      }
    },
  };
}

/** A log whose writes take their time, and are in doubt now and then. */
function troubled(
  log: WorkerLog,
  reads: Set<Promise<unknown>>,
  { clock, chance, isTroubled }: { clock: VirtualClock; chance: Chance; isTroubled: () => boolean },
): WorkerLog {
  const pass = (): Promise<void> | void => {
    const ms = isTroubled() && chance.happens(0.3) ? chance.below(60) : 0;
    if (ms > 0) return new Promise<void>((resolve) => void clock.after(ms, resolve));
  };
  return {
    ...sharedLog(log),
    read(workerId, after, limit, call) {
      const read = log.read(workerId, after, limit, call);
      reads.add(read);
      void read.catch(() => undefined).then(() => reads.delete(read));
      return read;
    },
    async append(workerId, after, batch) {
      await pass();
      const isInDoubt = isTroubled() && chance.happens(0.01);
      if (isInDoubt && chance.happens(0.5)) return 'unknown';
      const result = await log.append(workerId, after, batch);
      await pass();
      return isInDoubt ? 'unknown' : result;
    },
    async head(workerId, call) {
      await pass();
      return await log.head(workerId, call);
    },
    async remove(workerId, tombstone) {
      await pass();
      await log.remove(workerId, tombstone);
      await pass();
    },
  };
}
