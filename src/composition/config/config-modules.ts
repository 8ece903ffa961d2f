import type { ContainerModule } from 'inversify';

import { accessEntry } from '../../adapters/authenticator/token/index.js';
import type { HttpOptions } from '../../adapters/browser-gateway/http/index.js';
import type { PinoLoggerOptions } from '../../adapters/logger/pino/index.js';
import type { RuntimeLimits } from '../../runtime/deadlines.js';
import type { AccessOptions } from '../host-access.js';
import { accessModule } from '../modules/access.js';
import { consoleModule } from '../modules/console.js';
import { embeddedLogModule } from '../modules/embedded-log.js';
import { inMemoryLogModule } from '../modules/in-memory-log.js';
import { pinoLoggerModule } from '../modules/pino-logger.js';
import { processRegisterModule } from '../modules/process-register.js';
import { profileModule } from '../modules/profile.js';
import { runtimeModule } from '../modules/runtime.js';
import { systemClockModule } from '../modules/system-clock.js';
import { requireAgentSdk } from './agent-sdk.js';
import type { HostMount } from './host-mounts.js';
import { currentTokenIn, tokenIn } from './host-mounts.js';
import type { Profiles } from './host-profiles.js';
import { logSecrets, logServer } from './log-server.js';
import type { AuthConfig, BackendConfig, ConfigFile, ProfileConfig } from './schema.js';

export interface HostSettings {
  readonly config: ConfigFile;
  readonly profiles: Profiles;
  /** Who holds it may do everything. Absent: only the tokens of the configuration come in. */
  readonly token?: string | undefined;
  /** Runtimes of other hosts. */
  readonly mounts?: readonly HostMount[] | undefined;
  /** Where account is kept of who created which Worker of theirs. Absent: in memory. */
  readonly creatorsFile?: string | undefined;
  /** Where the programs that run are kept account of. Absent: nowhere. */
  readonly registerFolder?: string | undefined;
  /** What relative paths of a log on a server are relative to. The folder of the start. */
  readonly folder?: string | undefined;
  /** Where Workers are kept, unless the configuration has them elsewhere. Absent: in memory. */
  readonly logFolder?: string | undefined;
  readonly log?: Omit<PinoLoggerOptions, 'secrets'> | undefined;
}

/** A member that is `undefined` would stand over a default. */
const present = <T extends object>(values: T): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

const dayMs = 24 * 60 * 60 * 1000;

function runtimeLimits({ limits, log }: ConfigFile): Partial<RuntimeLimits> {
  const retention = log?.retention;
  return present({
    workers: limits?.workers,
    inputBytes: limits?.inputBytes,
    eventBytes: limits?.eventBytes,
    retainedEvents: retention?.events,
    retainedBytes: retention?.bytes,
    retainedMs: retention?.days === undefined ? undefined : retention.days * dayMs,
  });
}

async function backendModuleOf(name: string, backend: BackendConfig): Promise<ContainerModule> {
  switch (backend.type) {
    case 'subprocess':
      return (await import('../modules/subprocess.js')).subprocessModule(name, backend);
    case 'remote-socket':
      return (await import('../modules/remote-socket.js')).remoteSocketModule(name, backend);
    case 'acp':
      requireAgentSdk(name);
      return (await import('../modules/acp.js')).acpModule(name, backend);
    case 'javascript':
      return (await import('../modules/javascript.js')).javascriptModule(name, backend);
  }
}

async function profileModules(
  name: string,
  { backend, deadlines, ...offer }: ProfileConfig,
): Promise<readonly ContainerModule[]> {
  const options = { ...offer, ...(deadlines && { deadlines: present(deadlines) }) };
  if (!backend) return [profileModule(name, { ...options, backend: null })];
  return [await backendModuleOf(name, backend), profileModule(name, options)];
}

/** Values that the operator's log never shows: tokens, and what the configuration refers to by `fromEnv`. */
function secretsOf({ config: { log }, profiles, token, mounts = [] }: HostSettings): readonly string[] {
  const variables = Object.values(profiles).flatMap(({ backend }) =>
    backend && 'env' in backend ? Object.values(backend.env ?? {}) : [],
  );
  const referred = variables.flatMap((value) => (typeof value === 'string' ? [] : (process.env[value.fromEnv] ?? [])));
  const tokensThere = mounts.flatMap(({ tokenFile }) => (tokenFile === undefined ? [] : [tokenIn(tokenFile)]));
  const ofLog = log?.type === 'jetstream' ? logSecrets(log) : [];
  return [...(token === undefined ? [] : [token]), ...tokensThere, ...referred, ...ofLog];
}

/** Where Workers are kept, and with whom they are shared. */
async function logModules({
  config: { log },
  logFolder,
  folder = '.',
}: HostSettings): Promise<readonly ContainerModule[]> {
  if (logFolder === undefined || log?.type === 'memory') return [inMemoryLogModule()];
  if (log?.type === 'jetstream') {
    const { jetStreamLogModule } = await import('../modules/jetstream-log.js');
    const { jetStreamClusterModule } = await import('../modules/jetstream-cluster.js');
    const server = logServer(log, folder);
    return [jetStreamLogModule(server), jetStreamClusterModule({ ...server, leaseMs: log.leaseMs })];
  }
  return [embeddedLogModule({ folder: logFolder, durability: log?.durability, intervalMs: log?.intervalMs })];
}

/** Who may come in: who holds `token`, and who is in the configuration. */
export const accessOptions = (auth: AuthConfig | undefined, token: string | undefined): AccessOptions => ({
  tokens: [...(token === undefined ? [] : [accessEntry(token)]), ...(auth?.tokens ?? [])],
  jwt: auth?.jwt,
});

async function mountModules({ mounts = [], creatorsFile }: HostSettings): Promise<readonly ContainerModule[]> {
  if (mounts.length === 0) return [];
  const { mountedRuntimeModule } = await import('../modules/mounted-runtime.js');
  const modules = mounts.map(({ name, url, remoteId, tokenFile }) =>
    mountedRuntimeModule(name, {
      url,
      remoteId,
      token: tokenFile === undefined ? undefined : () => currentTokenIn(tokenFile),
    }),
  );
  if (creatorsFile === undefined) return modules;
  const { creationRecordModule } = await import('../modules/creation-record.js');
  return [creationRecordModule({ path: creatorsFile }), ...modules];
}

/**
 * The modules of a host that is configured by a file and flags. Adapters of backends and of other hosts are loaded
 * where it names them.
 */
export async function configModules(settings: HostSettings): Promise<readonly ContainerModule[]> {
  const { config, profiles, token, registerFolder, log } = settings;
  const access = accessOptions(config.auth, token);
  const offered = await Promise.all(Object.entries(profiles).map(([name, profile]) => profileModules(name, profile)));
  return [
    systemClockModule(),
    pinoLoggerModule({ ...log, secrets: secretsOf(settings) }),
    ...(await logModules(settings)),
    ...(registerFolder === undefined ? [] : [processRegisterModule({ folder: registerFolder })]),
    ...offered.flat(),
    accessModule(access),
    consoleModule(),
    ...(await mountModules(settings)),
    runtimeModule({ runtimeId: config.runtimeId, limits: runtimeLimits(config) }),
  ];
}

/** What of the configuration is about the browser's side. */
export const httpOptionsOf = ({ server, limits }: ConfigFile): HttpOptions => ({
  hosts: server?.hosts,
  origins: server?.origins,
  bodyBytes: limits?.inputBytes,
  inputsPerMinute: limits?.inputsPerMinute,
  streams: limits?.streams,
  subscriptions: limits?.subscriptions,
});
