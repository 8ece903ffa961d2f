import { linkedPair } from '../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import { backendServer } from '../../../src/adapters/execution-backend/wire/serving-end.js';
import type { WireTransport } from '../../../src/adapters/execution-backend/wire/transport.js';
import type { WireConnection, WireUnderTest } from '../../../src/contracts/execution-backend/harness.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';

export interface ServedWireOptions {
  /** What stands between the case and the serving end. Nothing. */
  readonly front?: ((connection: WireConnection) => WireConnection) | undefined;
  /** How long executions outlive their connection at most. As the host asks for. */
  readonly graceMs?: number | undefined;
}

/** An odd number, so that pieces end within characters, too. */
const pieceBytes = 1021;

const inPieces = (transport: WireTransport): WireTransport => ({
  closed: transport.closed,
  write: (text) => transport.write(text),
  close: () => transport.close(),
  start: (onChunk) =>
    transport.start((chunk) => {
      for (let from = 0; from < chunk.length; from += pieceBytes) onChunk(chunk.subarray(from, from + pieceBytes));
    }),
});

/** A backend behind the serving end of this project, in this process. What it reads comes in small pieces. */
export function servedWire(
  backend: ExecutionBackend,
  { front = (connection) => connection, graceMs }: ServedWireOptions = {},
): WireUnderTest {
  const server = backendServer(backend, { graceMs });
  return {
    connect: () => {
      const pair = linkedPair();
      void server.accept(inPieces(pair.backend));
      return Promise.resolve(front(pair.host));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
