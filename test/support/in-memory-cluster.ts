import { inMemoryLinks } from '../../src/adapters/host-link/in-memory/index.js';
import type { InMemoryLink } from '../../src/adapters/host-link/in-memory/index.js';
import { inMemoryOwnerships } from '../../src/adapters/worker-ownership/in-memory/index.js';
import type { InMemoryOwnership } from '../../src/adapters/worker-ownership/in-memory/index.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Logger } from '../../src/ports/logger.js';

export interface InMemoryClusterHost {
  readonly ownership: InMemoryOwnership;
  readonly link: InMemoryLink;
  /** A network that is apart: it hears nothing of the others, nor they of it. */
  cut(): void;
  join(): void;
  /** A process that is stopped: what it asks waits, and so does what is asked of it. */
  pause(): void;
  resume(): void;
  /** As if another host had ended its lease. */
  endLease(): void;
}

export interface InMemoryClusterOptions {
  readonly leaseMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** Hosts of one process: each call makes what one more is handed. */
export function inMemoryCluster(options: InMemoryClusterOptions = {}): { host(): InMemoryClusterHost } {
  const [ownershipOf, linkOf] = [inMemoryOwnerships(options), inMemoryLinks(options)];
  return {
    host() {
      const [ownership, link] = [ownershipOf(), linkOf()];
      const both = (run: (part: InMemoryOwnership | InMemoryLink) => void) => () => {
        run(ownership);
        run(link);
      };
      return {
        ownership,
        link,
        cut: both((part) => part.cut()),
        join: both((part) => part.join()),
        pause: both((part) => part.pause()),
        resume: both((part) => part.resume()),
        endLease: () => ownership.endLease(),
      };
    },
  };
}
