import { ContainerModule } from 'inversify';

import type { RuntimeId } from '../../domain/ids.js';
import type { BrowserGateway } from '../../ports/browser-gateway.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { WorkerLog } from '../../ports/worker-log.js';
import { runtimeFactory } from '../../runtime/create-runtime.js';
import type { Runtime } from '../../runtime/create-runtime.js';
import type { ClusterOptions, ProfileOptions, RuntimeOptions } from '../../runtime/options.js';
import { registry } from '../../runtime/registry.js';
import type { MountedRuntime } from '../mounted-runtime.js';
import type { NamedProfile } from '../named-profile.js';
import { tokens } from '../tokens.js';

export type RuntimeModuleOptions = Pick<RuntimeOptions, 'runtimeId' | 'displayName' | 'limits'>;

function byName(profiles: readonly NamedProfile[]): Readonly<Record<string, ProfileOptions>> {
  const found = new Map<string, ProfileOptions>();
  for (const { name, ...profile } of profiles) {
    if (found.has(name)) throw new TypeError(`workport/profile named ${name} is bound more than once`);
    found.set(name, profile);
  }
  return Object.fromEntries(found);
}

/** The local Runtime, and those that are mounted beside it. Throws where two have the same name. */
function besides(runtime: Runtime, mounted: MountedRuntime[]): BrowserGateway {
  const runtimes = new Map<RuntimeId, BrowserGateway>([[runtime.runtimeId, runtime]]);
  for (const { runtimeId, gateway } of mounted) {
    if (runtimes.has(runtimeId)) throw new TypeError(`two Runtimes are called ${runtimeId}: give one another name`);
    runtimes.set(runtimeId, gateway);
  }
  return runtimes.size > 1 ? registry(runtimes) : runtime;
}

/** The Runtime, and the gateway that browsers are served from. */
export const runtimeModule = (options: RuntimeModuleOptions = {}): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.runtime)
      .toResolvedValue(
        (log: WorkerLog, logger: Logger, clock: Clock, profiles: NamedProfile[], cluster?: ClusterOptions): Runtime =>
          runtimeFactory(() => log)({ ...options, cluster, logger, clock, profiles: byName(profiles) }),
        [
          tokens.workerLog,
          tokens.logger,
          tokens.clock,
          { serviceIdentifier: tokens.profile, isMultiple: true },
          { serviceIdentifier: tokens.cluster, optional: true },
        ],
      )
      .inSingletonScope();
    bind(tokens.gateway)
      .toResolvedValue(besides, [tokens.runtime, { serviceIdentifier: tokens.mountedRuntime, isMultiple: true }])
      .inSingletonScope();
  });
