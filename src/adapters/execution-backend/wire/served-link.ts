import type { Teller } from './author.js';
import type { WireLimits } from './limits.js';
import type { Peer } from './peer.js';

const maxLogBacklogChars = 64 * 1024;

/** A connection as the executions on it see it. */
export class ServedLink implements Teller {
  readonly peer: Peer;
  readonly limits: WireLimits;
  /** How long executions outlive this connection, in milliseconds. */
  readonly graceMs: number;
  /** The key that its host has shown: what is begun over it belongs to that key. None: there are no keys. */
  readonly owner: string | undefined;

  constructor(peer: Peer, { limits, graceMs, owner }: Pick<ServedLink, 'limits' | 'graceMs' | 'owner'>) {
    this.peer = peer;
    this.limits = limits;
    this.graceMs = graceMs;
    this.owner = owner;
  }

  tell(text: string): void {
    if (this.peer.outbox.queuedChars < maxLogBacklogChars) this.peer.notify('log', { level: 'error', text });
  }
}
