import { isName, RuntimeId } from '../domain/ids.js';
import type { Json } from '../domain/ids.js';
import type { ProfileView } from '../domain/observation/view.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/clock.js';
import type { ExecutionBackend } from '../ports/execution-backend.js';
import type { HostLink } from '../ports/host-link.js';
import type { Logger } from '../ports/logger.js';
import { nullLogger, unfailing } from '../ports/logger.js';
import type { WorkerOwnership } from '../ports/worker-ownership.js';
import type { WorkerLog } from '../ports/worker-log.js';
import type { Deadlines, RuntimeLimits } from './deadlines.js';
import { defaultDeadlines, defaultLimits } from './deadlines.js';

/** The public name under which a host offers a backend. */
export interface ProfileOptions {
  readonly label: string;
  readonly description?: string | undefined;
  /** `null`: Workers of it can be created, and connected once there is a backend. */
  readonly backend: ExecutionBackend | null;
  /** The backend's, handed to it as they are. */
  readonly options?: Json | undefined;
  readonly deadlines?: Partial<Deadlines> | undefined;
}

/** How the hosts of one Runtime find one another. */
export interface ClusterOptions {
  readonly ownership: WorkerOwnership;
  readonly link: HostLink;
}

export interface RuntimeOptions {
  /** `local` where absent. */
  readonly runtimeId?: string | undefined;
  readonly displayName?: string | undefined;
  /** By name. A backend may stand behind several profiles. The Runtime disposes of the backends that it was given. */
  readonly profiles: Readonly<Record<string, ProfileOptions>>;
  /** In memory where absent. The Runtime disposes of it. */
  readonly log?: WorkerLog | undefined;
  /**
   * Other hosts share the log and own Workers of the same Runtime: each host executes its own and answers for all.
   * Absent: every Worker in the log is this host's. The Runtime disposes of it.
   */
  readonly cluster?: ClusterOptions | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly limits?: Partial<RuntimeLimits> | undefined;
}

export interface Profile extends ProfileView {
  readonly backend: ExecutionBackend | null;
  readonly options: Json;
  readonly deadlines: Deadlines;
}

export interface ResolvedOptions {
  readonly runtimeId: RuntimeId;
  readonly displayName?: string | undefined;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly log: WorkerLog;
  readonly cluster?: ClusterOptions | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
}

/** Options with their defaults, copied. Throws a `TypeError` for what a programmer got wrong. */
export function resolveOptions(options: RuntimeOptions, defaultLog: () => WorkerLog): ResolvedOptions {
  const { runtimeId = 'local', displayName, profiles, log, cluster, logger, clock, limits } = options;
  return Object.freeze({
    runtimeId: RuntimeId(runtimeId),
    ...(displayName !== undefined && { displayName }),
    profiles: new Map(Object.entries(profiles).map(([name, profile]) => [name, resolveProfile(name, profile)])),
    log: log ?? defaultLog(),
    ...(cluster && { cluster }),
    logger: unfailing(logger ?? nullLogger),
    clock: clock ?? systemClock,
    limits: Object.freeze({ ...defaultLimits, ...limits }),
  });
}

function resolveProfile(name: string, profile: ProfileOptions): Profile {
  const { label, description, backend, options = {}, deadlines } = profile;
  if (!isName(name)) throw new TypeError(`not a profile name: ${JSON.stringify(name)}`);
  if (backend) checkBackend(name, backend);
  return Object.freeze({
    name,
    label,
    ...(description !== undefined && { description }),
    backend,
    options,
    deadlines: Object.freeze({ ...defaultDeadlines, ...deadlines }),
  });
}

function checkBackend(profile: string, { specification, id }: ExecutionBackend): void {
  const known: string = specification;
  if (known !== 'execution-backend/1') {
    throw new TypeError(`the backend of profile ${profile} is not an execution-backend/1`);
  }
  if (!isName(id)) throw new TypeError(`the backend of profile ${profile} has no valid id`);
}
