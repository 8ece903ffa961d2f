import { inMemoryLog } from '../../src/index.js';
import type { WorkerLog } from '../../src/ports/worker-log.js';
import { inMemoryCluster } from './in-memory-cluster.js';
import type { InMemoryClusterHost } from './in-memory-cluster.js';
import { scripted } from './scripted-runtime.js';
import type { Scripted, ScriptedOptions } from './scripted-runtime.js';
import { sharedLog } from './shared-log.js';
import { virtualClock } from './virtual-clock.js';
import type { VirtualClock } from './virtual-clock.js';

export interface ScriptedHost extends Scripted, Omit<InMemoryClusterHost, 'ownership' | 'link'> {
  readonly ownership: InMemoryClusterHost['ownership'];
}

export interface ScriptedCluster extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly log: WorkerLog;
  /** One more host. It is ready. */
  host(options?: ScriptedOptions): Promise<ScriptedHost>;
}

export const leaseMs = 1_000;

/** Hosts of one process that share a log, in virtual time, each with a profile `test` that is played by hand. */
export function scriptedCluster({ log = inMemoryLog() }: { readonly log?: WorkerLog } = {}): ScriptedCluster {
  const clock = virtualClock();
  const cluster = inMemoryCluster({ leaseMs, clock });
  const hosts: ScriptedHost[] = [];
  return {
    clock,
    log,
    async host(options = {}) {
      const { ownership, link, ...troubles } = cluster.host();
      const one = scripted({ clock, log: sharedLog(log), cluster: { ownership, link }, ...options });
      const host = { ...one, ...troubles, ownership, [Symbol.asyncDispose]: one[Symbol.asyncDispose] };
      hosts.push(host);
      await host.runtime.ready();
      return host;
    },
    async [Symbol.asyncDispose]() {
      for (const host of hosts) host.resume();
      for (const host of hosts) await host[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
    },
  };
}

/** Moves time on until something holds. */
export async function until(
  { clock }: Pick<ScriptedCluster, 'clock'>,
  holds: () => boolean | Promise<boolean>,
  mostMs = 20 * leaseMs,
): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 50) {
    if (waited > mostMs) throw new Error('it never came to that');
    await clock.advance(50);
  }
}

/** Moves time on until something is told. */
export async function told<T>(
  cluster: Pick<ScriptedCluster, 'clock'>,
  asked: Promise<T>,
  mostMs = 20 * leaseMs,
): Promise<T> {
  let isTold = false;
  void asked.then(
    () => (isTold = true),
    () => (isTold = true),
  );
  await until(cluster, () => isTold, mostMs);
  return await asked;
}
