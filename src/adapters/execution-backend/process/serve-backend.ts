import { Socket } from 'node:net';

import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import type { BackendServerOptions } from '../wire/serving-end.js';
import { backendServer } from '../wire/serving-end.js';
import type { WireTransport } from '../wire/transport.js';
import { streamTransport } from './stream-transport.js';

/** How long a backend may take to end once its host is gone. A host waits two seconds. */
const disposeMs = 1500;
const startedByHandExitCode = 64;

/**
 * Serves a backend to the host at the other end of `transport`, and ends it when the host is gone. Without a transport
 * this is the whole of a program: it speaks on stdin and stdout, and the process exits when stdin ends, whatever is
 * left open. Started by hand, from a terminal, it only says what it is and exits with 64.
 */
export async function serveBackend(
  backend: ExecutionBackend,
  transport?: WireTransport,
  options: BackendServerOptions = {},
): Promise<void> {
  if (transport) return serve(backend, transport, options);
  if (process.env['WORKPORT_BACKEND'] !== '1' && process.stdin.isTTY) return tellWhoStartedIt(backend);
  const stdio = streamTransport(process.stdin, process.stdout);
  const written = lastWordsWritten(process.stdout);
  await Promise.race([serve(backend, stdio, options), hostGone(stdio)]);
  stdio.close();
  await written;
  process.exit();
}

/** For programs that print to stdout: the host gives descriptors 3 and 4 where its profile says `channel: 'fd3'`. */
export const fd3Transport = (): WireTransport =>
  streamTransport(
    new Socket({ fd: 3, readable: true, writable: false }),
    new Socket({ fd: 4, readable: false, writable: true }),
  );

async function serve(
  backend: ExecutionBackend,
  transport: WireTransport,
  options: BackendServerOptions,
): Promise<void> {
  const server = backendServer(backend, options);
  try {
    await server.accept(transport);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

async function hostGone(transport: WireTransport): Promise<void> {
  await transport.closed;
  await new Promise((resolve) => setTimeout(resolve, disposeMs));
}

async function tellWhoStartedIt({ id }: ExecutionBackend): Promise<void> {
  process.stderr.write(
    `${id} is a Workport backend: a host starts it, for example \`workport serve --profile ${id}="…"\`.\n`,
  );
  process.exitCode = startedByHandExitCode;
}

/** What stands in the buffer of stdout is lost with the process. */
function lastWordsWritten(stdout: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['finish', 'close', 'error']) stdout.once(event, () => resolve());
  });
}
