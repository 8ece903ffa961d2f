import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { Peer } from './peer.js';

const tickMs = 1000;
/** Silence before each ping. */
const quietMs = 5000;
/** Silence after which a connection is dead, where this many pings are unanswered. */
const deadMs = 20_000;
const deadPings = 2;
/** A tick that comes so much too late tells of this end, not of the other. */
const stalledMs = 1000;

/**
 * Closes a connection whose other end is gone without a word. What an event loop that stood still has not read yet is
 * no silence: it begins anew. Runs until the connection ends.
 */
export function watchPeer(peer: Peer, clock: Clock, logger: Logger): void {
  let received = peer.chunksReceived;
  let tickedAt = clock.now();
  let heardAt = tickedAt;
  let pingedAt = tickedAt;
  const tick = (): void => {
    const now = clock.now();
    const isOnTime = now >= tickedAt && now - tickedAt - tickMs <= stalledMs;
    tickedAt = now;
    if (!isOnTime || peer.chunksReceived !== received) {
      received = peer.chunksReceived;
      heardAt = now;
      pingedAt = now;
    }
    if (now - heardAt >= deadMs && peer.unansweredPings >= deadPings) {
      logger.warn('nothing comes from the other end any more; the connection is closed', { silentMs: now - heardAt });
      return peer.close();
    }
    if (now - pingedAt >= quietMs) {
      pingedAt = now;
      peer.ping();
    }
    cancel = clock.after(tickMs, tick);
  };
  let cancel = clock.after(tickMs, tick);
  void peer.closed.then(() => cancel());
}
