import { chance } from '../kill/chance.js';
import { account } from './account.js';
import { chaosCluster } from './hosts.js';
import { play } from './schedule.js';
import type { Scene } from './schedule.js';
import { verdict } from './verdict.js';

export interface Found {
  readonly what: string;
  /** What led to it. */
  readonly steps: readonly string[];
  readonly scene: Scene;
}

/** Plays the schedule of a seed with hosts that share Workers; what was found to be wrong. */
export async function chaos(seed: number, stepCount = 40): Promise<Found | undefined> {
  const cluster = chaosCluster(chance(seed, 1));
  const scene: Scene = {
    cluster,
    chance: chance(seed, 2),
    account: account(() => cluster.clock.now()),
    watchers: [],
    wrong: [],
    steps: [],
  };
  const rejected = (cause: unknown): void => void scene.wrong.push(`an unhandled rejection: ${String(cause)}`);
  process.on('unhandledRejection', rejected);
  try {
    await play(scene, stepCount);
    await verdict(scene);
    return undefined;
  } catch (cause) {
    return { what: cause instanceof Error ? cause.message : String(cause), steps: scene.steps, scene };
  } finally {
    process.off('unhandledRejection', rejected);
    for (const watcher of scene.watchers) watcher.end();
    for (const host of [...cluster.living]) host.dispose();
    cluster.heal();
  }
}
