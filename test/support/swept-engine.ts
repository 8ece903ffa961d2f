import { openLevel } from '../../src/adapters/worker-log/embedded/engine.js';
import type { Engine, OpenEngine } from '../../src/adapters/worker-log/embedded/engine.js';

/** LevelDB, with something before each sweep of a removed Worker: it asks for every key of its observations. */
export function beforeSweeps(wait: (folder: string) => Promise<unknown>): OpenEngine {
  return async (folder) => {
    const engine = await openLevel(folder);
    async function* keys(...[scan]: Parameters<Engine['keys']>) {
      if (scan.gte.startsWith('o:') && scan.limit === undefined) await wait(folder);
      yield* engine.keys(scan);
    }
    return { ...engine, keys };
  };
}
