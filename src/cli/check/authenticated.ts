import { prove } from '../../adapters/execution-backend/wire/challenge.js';
import type { SharedKey } from '../../adapters/execution-backend/wire/challenge.js';
import { Peer } from '../../adapters/execution-backend/wire/peer.js';
import type { WireTransport } from '../../adapters/execution-backend/wire/transport.js';
import type { WireConnection } from '../../contracts/execution-backend/harness.js';
import { nullLogger } from '../../ports/logger.js';

const maxLineBytes = 4096;
/** `auth/hello` and `auth/prove`. */
const linesSent = 2;

/** The same connection once both ends have shown that they have the key. Rejects with a `WireError`. */
export async function authenticated(
  transport: WireTransport,
  key: SharedKey,
  signal: AbortSignal,
): Promise<WireConnection> {
  const early: Uint8Array[] = [];
  let take = (chunk: Uint8Array): void => void early.push(chunk);
  transport.start((chunk) => take(chunk));
  const peer = new Peer(
    { ...transport, start: (onChunk) => void (take = onChunk) },
    { maxLineBytes, logger: nullLogger, handler: { request: () => undefined, notification: () => false } },
  );
  peer.start();
  try {
    await prove(peer, key, signal);
  } catch (cause) {
    peer.close();
    throw cause;
  }
  take = (chunk) => void early.push(chunk);
  return {
    write: (text) => transport.write(text),
    close: () => transport.close(),
    closed: transport.closed,
    linesSent,
    start: (onChunk) => {
      take = onChunk;
      for (const chunk of early.splice(0)) onChunk(chunk);
    },
  };
}
