import type { WorkerId } from '../../../src/domain/ids.js';
import type { Observation } from '../../../src/domain/observation/event.js';
import type { Frame } from '../../../src/ports/browser-gateway.js';
import type { Chance } from '../kill/chance.js';
import { ref } from '../runtime.js';
import type { ChaosCluster } from './hosts.js';

export interface Watcher {
  readonly workerId: WorkerId;
  readonly seen: readonly Observation[];
  readonly isDeleted: boolean;
  /** What it must never be told. */
  readonly problems: readonly string[];
  end(): void;
}

/** Looks at a Worker from its start, each time through another host, with its last cursor. */
export function watch(cluster: ChaosCluster, chance: Chance, workerId: WorkerId): Watcher {
  const seen: Observation[] = [];
  const problems: string[] = [];
  const ended = new AbortController();
  let isDeleted = false;
  const taken = (frame: Frame): boolean => {
    if (frame.type === 'events') seen.push(...frame.observations);
    else if (frame.type === 'gap' || frame.type === 'snapshot') problems.push(`a ${frame.type}, from a cursor`);
    else if (frame.type === 'problem') {
      const { code } = frame.problem;
      if (code === 'worker-unknown') isDeleted = true;
      else if (code !== 'log-unavailable') problems.push(JSON.stringify(frame.problem));
    } else if (frame.code === 'worker-deleted') isDeleted = true;
    return frame.type === 'events';
  };
  const look = async (): Promise<void> => {
    while (!ended.signal.aborted && !isDeleted) {
      const host = chance.pick(cluster.living);
      const from = seen.at(-1)?.cursor ?? 'start';
      if (host) {
        for await (const frame of host.runtime.observe(ref(workerId), from, { signal: ended.signal })) {
          if (!taken(frame) || chance.happens(0.2)) break;
        }
      }
      await new Promise<void>((resolve) => void cluster.clock.after(50, resolve));
    }
  };
  look().catch((cause: unknown) => {
    if (!ended.signal.aborted) problems.push(String(cause));
  });
  return {
    workerId,
    seen,
    problems,
    get isDeleted() {
      return isDeleted;
    },
    end: () => ended.abort(new Error('nobody looks any more')),
  };
}
