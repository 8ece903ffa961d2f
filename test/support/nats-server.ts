import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll } from 'vitest';

import { isOnTheMachine } from './is-on-the-machine.js';
import { stopProcess } from './stop-process.js';

const newer = fileURLToPath(new URL('./nats/installed/nats-server', import.meta.url));

/** The servers that tests run against: what Debian ships, and a later one that `npm run nats` makes. */
export const natsPrograms = {
  'nats-server': { program: 'nats-server', isHere: await isOnTheMachine('nats-server', '--version') },
  'newer-nats-server': { program: newer, isHere: existsSync(newer) },
} as const;
export type NatsProgram = keyof typeof natsPrograms;

const readyMs = 20_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether it greets who connects. */
const greets = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });

export interface NatsServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`, the same in each of its lives. */
  readonly address: string;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Again, with what it has kept. */
  start(): Promise<void>;
  /** From then on nothing of it runs. */
  pause(): void;
  resume(): void;
}

interface ServerOptions {
  readonly program?: NatsProgram | undefined;
  /** Lines of its configuration file. */
  readonly config?: readonly string[] | undefined;
  readonly jetStream?: boolean | undefined;
  readonly port?: number | undefined;
}

const running = new Set<NatsServer>();
afterAll(async () => {
  for (const server of [...running]) await server[Symbol.asyncDispose]();
});

/** A server of its own, with a folder that goes with it. */
export async function natsServer(options: ServerOptions = {}): Promise<NatsServer> {
  const server = await preparedServer(options);
  await server.start();
  return server;
}

async function preparedServer({ program = 'nats-server', config = [], jetStream = true, port }: ServerOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'workport-nats-'));
  const bound = port ?? (await freePort());
  const file = join(folder, 'server.conf');
  const store = jetStream ? [`jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`] : [];
  await writeFile(file, [`listen: 127.0.0.1:${bound}`, ...store, ...config].join('\n'));
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const hasEnded = () => !child || child.exitCode !== null || child.signalCode !== null;

  const server: NatsServer = {
    address: `127.0.0.1:${bound}`,
    async start() {
      const started = spawn(natsPrograms[program].program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
      child = started;
      let output = '';
      started.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4_000)));
      ended = new Promise((resolve) => started.once('close', resolve));
      for (const endAt = Date.now() + readyMs; !(await greets(bound));) {
        if (hasEnded() || Date.now() > endAt) throw new Error(`nats-server did not start\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      child?.kill('SIGKILL');
      await ended;
    },
    pause: () => child && stopProcess(child),
    resume: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      running.delete(server);
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  running.add(server);
  return server;
}

export interface NatsCluster extends AsyncDisposable {
  readonly servers: readonly NatsServer[];
  readonly addresses: readonly string[];
}

/** Three servers that know each other. */
export async function natsCluster(program: NatsProgram): Promise<NatsCluster> {
  const routes = await Promise.all([freePort(), freePort(), freePort()]);
  const addresses = routes.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  const servers = await Promise.all(
    routes.map((port, index) =>
      preparedServer({
        program,
        config: [
          `server_name: server-${index}`,
          `cluster { name: test, listen: 127.0.0.1:${port}, routes: [${addresses}] }`,
        ],
      }),
    ),
  );
  await Promise.all(servers.map((server) => server.start()));
  return {
    servers,
    addresses: servers.map(({ address }) => address),
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}
