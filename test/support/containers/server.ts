import { randomBytes } from 'node:crypto';
import { chown, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { GenericContainer, Wait } from 'testcontainers';

import type { RemoteSocketOptions } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import { selfSigned } from '../certificate.js';
import { writeKeyFile } from '../listening-backend.js';
import { engine, labels } from './engine.js';
import type { TestNetwork } from './network.js';

const port = 7500;
/** Where the image has the folder of the operator. */
const mount = '/backend';
/** The user `node` of the image, where the tests run as root. */
const nodeUser = 1000;

export interface ServerOptions {
  readonly image: string;
  readonly network: TestNetwork;
  readonly scheme: 'tcp' | 'tls';
  /** Which of the modules beside this one. */
  readonly module: 'contract-backend.mjs' | 'counting-backend.mjs';
}

/** A backend server in a container of its own, and what befalls one. Disposing removes it. */
export interface ContainedServer extends AsyncDisposable {
  /** How a host reaches it. */
  readonly options: RemoteSocketOptions;
  /** Stops its processes where they are, and lets them go on. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** SIGTERM, and a start. */
  restart(): Promise<void>;
  /** Takes its network away, and gives it back with the same address. */
  disconnect(): Promise<void>;
  connect(): Promise<void>;
  /** What it told its operator. */
  log(): Promise<string>;
}

class ServerContainer extends GenericContainer {
  constructor({ image, network }: ServerOptions, address: string) {
    super(image);
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } },
    };
    this.hostConfig.Init = true;
    this.withNetworkMode(network.name).withLabels(labels);
  }
}

/** The modules that are served, and what they import. */
const modules = [
  'containers/contract-backend.mjs',
  'containers/counting-backend.mjs',
  'contracts/scripted-backend.mjs',
];

/** What an operator has in a folder: modules, a key, a certificate; all of it for one user alone. */
async function folderOf({ scheme }: ServerOptions, address: string) {
  const folder = await mkdtemp(join(tmpdir(), 'workport-container-'));
  for (const file of modules) {
    await cp(fileURLToPath(new URL(`../${file}`, import.meta.url)), join(folder, file));
  }
  const keyFile = await writeKeyFile(join(folder, 'key'), [{ id: 'default', secret: randomBytes(32) }]);
  const ca = scheme === 'tls' ? selfSigned(folder, `IP:${address}`).certFile : undefined;
  const user = process.getuid?.() || nodeUser;
  if (process.getuid?.() === 0) {
    for (const file of ['', ...(await readdir(folder, { recursive: true }))])
      await chown(join(folder, file), user, user);
  }
  return { folder, keyFile, ca, user };
}

const secured = {
  tcp: ['--allow-plaintext'],
  tls: ['--cert', 'cert.pem', '--cert-key', 'cert-key.pem'],
};

/** Starts `workport backend serve` in a container, and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<ContainedServer> {
  const { scheme, module, network } = options;
  const ip = network.nextAddress();
  const { folder, keyFile, ca, user } = await folderOf(options, ip);
  const listen = ['--listen', `${scheme}:0.0.0.0:${port}`, '--key-file', 'key', ...secured[scheme]];
  const started = await new ServerContainer(options, ip)
    .withUser(`${user}:${user}`)
    .withBindMounts([{ source: folder, target: mount, mode: 'ro' }])
    .withWorkingDir(mount)
    .withCommand(['backend', 'serve', `./containers/${module}`, ...listen])
    .withWaitStrategy(Wait.forLogMessage('listens on'))
    .start();
  const { dockerode } = (await engine()).container;
  const container = dockerode.getContainer(started.getId());
  const cable = dockerode.getNetwork(network.name);
  return {
    options: {
      address: `${scheme}:${ip}:${port}`,
      keyFile,
      ...(scheme === 'tls' ? { ca } : { allowPlaintext: true }),
    },
    pause: async () => void (await container.pause()),
    unpause: async () => void (await container.unpause()),
    kill: async () => void (await container.kill()),
    start: async () => void (await container.start()),
    restart: async () => void (await container.restart({ t: 20 })),
    disconnect: async () => void (await cable.disconnect({ Container: container.id, Force: true })),
    connect: async () => {
      await cable.connect({ Container: container.id, EndpointConfig: { IPAMConfig: { IPv4Address: ip } } });
    },
    log: async () => String(await container.logs({ stdout: true, stderr: true })),
    async [Symbol.asyncDispose]() {
      await container.remove({ force: true, v: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
