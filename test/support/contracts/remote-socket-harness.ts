import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll } from 'vitest';

import type { RemoteSocketOptions } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import { socketHarness } from '../../../src/cli/check/socket-harness.js';
import type { ExecutionBackendHarness, WireUnderTest } from '../../../src/contracts/execution-backend/harness.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';
import { nullLogger } from '../../../src/ports/logger.js';
import { selfSigned } from '../certificate.js';
import type { ListeningBackend, ListenOptions } from '../listening-backend.js';
import { listenBackend, privateFolder, writeKeyFile } from '../listening-backend.js';
import { virtualClock } from '../virtual-clock.js';
import { crashable, type CrashableBackend } from './crashable-backend.js';
import { recoverableHarness, scriptedBackend } from './generator-harness.js';

interface Served {
  readonly remote: ExecutionBackend;
  readonly harness: ExecutionBackendHarness;
  readonly author: CrashableBackend;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly open: Set<unknown>;
}

/** The same backend; what it is connected to ends with it. */
const endingWith = (backend: ExecutionBackend, server: AsyncDisposable): ExecutionBackend => ({
  specification: backend.specification,
  id: backend.id,
  spawn: (request, publisher, call) => backend.spawn(request, publisher, call),
  recover: (request, publisher, call) => backend.recover(request, publisher, call),
  dispatch: (handle, input, call) => backend.dispatch(handle, input, call),
  answer: (handle, answer, call) => backend.answer(handle, answer, call),
  cancel: (handle, request, call) => backend.cancel(handle, request, call),
  stop: (handle, request, call) => backend.stop(handle, request, call),
  async [Symbol.asyncDispose]() {
    await backend[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  },
});

/**
 * A backend behind a real socket, each with a server of its own. The time that elapses is its author's: the sockets
 * keep theirs. Called where the tests are registered.
 */
export async function remoteSocketHarness(scheme: 'unix' | 'tcp' | 'tls'): Promise<ExecutionBackendHarness> {
  const folder = await privateFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const keys = [{ id: 'default', secret: randomBytes(32) }];
  const keyFile = await writeKeyFile(join(folder, 'key'), keys);
  const certificate = scheme === 'tls' ? selfSigned(folder) : undefined;
  const served = new WeakMap<ExecutionBackend, Served>();

  const listen = (backend: ExecutionBackend, options: ListenOptions = {}): Promise<ListeningBackend> =>
    listenBackend(backend, {
      ...options,
      scheme,
      ...(scheme !== 'unix' && { keys }),
      ...(certificate && { certificate }),
    });
  const harnessOf = ({ address }: ListeningBackend): ExecutionBackendHarness => {
    const options: RemoteSocketOptions = {
      address,
      ...(scheme !== 'unix' && { keyFile }),
      ...(certificate && { ca: certificate.certFile }),
    };
    return socketHarness(options, recoverableHarness, { logger: nullLogger });
  };
  return {
    ...recoverableHarness,
    timing: 4,
    reconnects: true,
    manyWorkers: true,
    async create(call) {
      const [clock, open] = [virtualClock(), new Set<unknown>()];
      const author = crashable(scriptedBackend({ clock, open }));
      const server = await listen(author);
      const harness = harnessOf(server);
      const remote = await harness.create(call);
      const backend = endingWith(remote, server);
      served.set(backend, { remote, harness, author, clock, open });
      return backend;
    },
    crash: async (backend, handle) => served.get(backend)?.author.crash(handle),
    async cut(backend) {
      const { harness, remote } = served.get(backend) ?? {};
      if (remote) await harness?.cut?.(remote);
    },
    elapse: async (backend, ms) => served.get(backend)?.clock.advance(ms),
    leftovers: (backend) => Promise.resolve(Array.from(served.get(backend)?.open ?? [], (one) => JSON.stringify(one))),
    async wire(call): Promise<WireUnderTest> {
      const server = await listen(scriptedBackend());
      const wire = await harnessOf(server).wire?.(call);
      return {
        connect: () => wire?.connect() ?? Promise.reject(new Error('there is no wire')),
        async [Symbol.asyncDispose]() {
          await wire?.[Symbol.asyncDispose]();
          await server[Symbol.asyncDispose]();
        },
      };
    },
  };
}
