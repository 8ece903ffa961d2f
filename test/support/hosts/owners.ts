import { connectNats } from '../../../src/adapters/nats/index.js';
import { Bucket } from '../../../src/adapters/worker-ownership/jetstream/bucket.js';
import { standingOf } from '../../../src/adapters/worker-ownership/jetstream/claims.js';
import { WorkerId } from '../../../src/domain/ids.js';
import { systemClock } from '../../../src/ports/clock.js';
import { nullLogger } from '../../../src/ports/logger.js';
import { claim } from '../kill/claim.js';

const longestMs = 60_000;
const pollMs = 25;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Whose each Worker is, as the engine tells somebody beside the hosts. */
export interface Owners extends AsyncDisposable {
  /** Those of these Workers that a host owns. */
  heldBy(hostId: string, workerIds: readonly string[]): Promise<readonly string[]>;
  /** How long after `since` each of the Workers was taken by another host than these; of what was deleted nothing is told. */
  taken(workerIds: readonly string[], from: readonly string[], since: number): Promise<readonly number[]>;
}

export async function ownersAt(address: string, name: string): Promise<Owners> {
  const connection = await connectNats({ servers: [address], name: 'test', clock: systemClock, logger: nullLogger });
  const owners = new Bucket(`${name}-owners`, `${name}.said-owners`, connection, systemClock, false);
  const ownerOf = async (workerId: string) => (await standingOf(owners, WorkerId(workerId)))?.claim.hostId;
  return {
    async heldBy(hostId, workerIds) {
      const found = await Promise.all(workerIds.map(ownerOf));
      return workerIds.filter((_, index) => found[index] === hostId);
    },
    async taken(workerIds, from, since) {
      const left = new Set(workerIds);
      const took: number[] = [];
      while (left.size > 0) {
        for (const workerId of left) {
          // Nobody answers while the engine is away.
          const owner = await ownerOf(workerId).catch(() => null);
          if (owner === null || (owner !== undefined && from.includes(owner))) continue;
          left.delete(workerId);
          if (owner !== undefined) took.push(Date.now() - since);
        }
        claim(Date.now() - since < longestMs, 'every Worker is taken over', [...left]);
        await pause(pollMs);
      }
      return took;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
