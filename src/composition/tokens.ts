import type { Asset, HttpHandler } from '../adapters/browser-gateway/http/index.js';
import type { ProcessRegister } from '../adapters/execution-backend/subprocess/index.js';
import type { Authenticator, Sessions } from '../ports/authenticator.js';
import type { BrowserGateway } from '../ports/browser-gateway.js';
import type { Clock } from '../ports/clock.js';
import type { CreationRecord } from '../ports/creation-record.js';
import type { ExecutionBackend } from '../ports/execution-backend.js';
import type { Logger } from '../ports/logger.js';
import type { WorkerLog } from '../ports/worker-log.js';
import type { Runtime } from '../runtime/create-runtime.js';
import type { ClusterOptions } from '../runtime/options.js';
import type { HostAccess } from './host-access.js';
import type { MountedRuntime } from './mounted-runtime.js';
import type { NamedProfile } from './named-profile.js';
import { token } from './token.js';

/** What a host is made of. */
export const tokens = {
  clock: token<Clock>('clock'),
  logger: token<Logger>('logger'),
  workerLog: token<WorkerLog>('worker-log'),
  /** May be missing: then every Worker in the log is this host's. */
  cluster: token<ClusterOptions>('cluster'),
  /** May be missing: then programs that outlive a killed host are not looked for at the next start. */
  processRegister: token<ProcessRegister>('process-register'),
  /** As many as there are; each bound under the name that its profiles use. */
  executionBackend: token<ExecutionBackend>('execution-backend'),
  /** As many as there are. */
  profile: token<NamedProfile>('profile'),
  runtime: token<Runtime>('runtime'),
  /** Runtimes of other hosts, as many as there are. */
  mountedRuntime: token<MountedRuntime>('mounted-runtime'),
  /** May be missing: then who created which Worker of a mounted Runtime is known as long as the process. */
  creationRecord: token<CreationRecord>('creation-record'),
  /** What browsers are served from: the Runtime, with those that are mounted beside it. */
  gateway: token<BrowserGateway>('browser-gateway'),
  /** May be missing: then whoever reaches the loopback interface may do everything. */
  authenticator: token<Authenticator>('authenticator'),
  /** May be missing: then there are no sessions, nor without an authenticator. */
  sessions: token<Sessions>('sessions'),
  /** May be missing: then who may come in does not change while the host runs. */
  access: token<HostAccess>('access'),
  /** May be missing: then there is nothing beside the API, no console. */
  assets: token<readonly Asset[]>('assets'),
  /** Bound in the container of the edge alone: the Runtime of this host, whatever is mounted beside it. */
  localGateway: token<BrowserGateway>('local-gateway'),
  /** Bound in the container of the edge alone. */
  httpHandler: token<HttpHandler>('http-handler'),
} as const;
