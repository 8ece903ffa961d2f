import type { NatsConnection } from '../../nats/index.js';
import { NatsError } from '../../nats/index.js';
import { LogServerError } from './log-server-error.js';
import type { Subjects } from './subjects.js';

/** Written into the stream: a later form of the records has another. */
const description = 'workport log 1';
const secondNs = 1_000_000_000;
/** A message that comes again within it is not stored again. Longer than any append tries. */
const duplicateWindowNs = 30 * secondNs;
const apiMs = 5_000;

interface StreamConfig {
  readonly name?: string;
  readonly description?: string;
  readonly subjects?: readonly string[];
  readonly storage?: string;
  readonly retention?: string;
  readonly discard?: string;
  readonly num_replicas?: number;
  readonly allow_direct?: boolean;
  readonly allow_rollup_hdrs?: boolean;
  readonly sealed?: boolean;
  readonly deny_purge?: boolean;
  readonly max_age?: number;
  readonly max_msgs?: number;
  readonly max_msgs_per_subject?: number;
  readonly republish?: { readonly src?: string; readonly dest?: string; readonly headers_only?: boolean };
  readonly mirror?: unknown;
  readonly sources?: unknown;
}

interface ApiAnswer {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
  readonly config?: StreamConfig;
  readonly cluster?: { readonly name?: string; readonly leader?: string };
}

const notFound = 10059;
/** What the second of two hosts is told that make it at once: there is one of that name, or that has its subjects. */
const madeMeanwhile = [10058, 10065];
const tries = 5;
const notEnabled = [10039, 10076];

export interface StreamOptions {
  readonly name: string;
  readonly subjects: Subjects;
  /** Absent: as many as the stream has; 1 for a new one. */
  readonly replicas: number | undefined;
}

async function ask(connection: NatsConnection, subject: string, request?: object): Promise<ApiAnswer> {
  const data = request ? JSON.stringify(request) : '';
  try {
    const answer = await connection.request(`$JS.API.${subject}`, data, { timeoutMs: apiMs });
    return JSON.parse(new TextDecoder().decode(answer.data)) as ApiAnswer;
  } catch (cause) {
    if (cause instanceof NatsError && cause.problem === 'no-responders') throw noJetStream();
    if (!(cause instanceof NatsError) || cause.problem !== 'no-answer') throw cause;
    const message =
      'JetStream does not answer: see that it is enabled, that its cluster has a leader, and that the account may use $JS.API.>';
    throw new LogServerError('unreachable', message, { cause });
  }
}

const noJetStream = (): LogServerError =>
  new LogServerError(
    'no-jetstream',
    'JetStream is not enabled on the NATS server, or not for this account: enable it there',
  );

const configOf = ({ name, subjects, replicas }: StreamOptions): StreamConfig & Record<string, unknown> => ({
  name,
  description,
  subjects: subjects.stored,
  retention: 'limits',
  storage: 'file',
  discard: 'new',
  num_replicas: replicas ?? 1,
  max_consumers: -1,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_bytes: -1,
  max_age: 0,
  max_msg_size: -1,
  duplicate_window: duplicateWindowNs,
  allow_direct: true,
  allow_rollup_hdrs: true,
  republish: subjects.republish,
});

const isUnlimited = (limit: number | undefined): boolean => (limit ?? 0) <= 0;

/** What of an existing stream is not as it has to be. */
function differences(found: StreamConfig, { subjects, replicas }: StreamOptions): readonly string[] {
  const wrong: Readonly<Record<string, boolean>> = {
    description: found.description !== description,
    subjects: [...(found.subjects ?? [])].sort().join() !== [...subjects.stored].sort().join(),
    storage: found.storage !== 'file',
    retention: found.retention !== 'limits',
    discard: found.discard !== 'new',
    allow_direct: found.allow_direct !== true,
    allow_rollup_hdrs: found.allow_rollup_hdrs !== true,
    republish:
      found.republish?.src !== subjects.republish.src ||
      found.republish.dest !== subjects.republish.dest ||
      found.republish.headers_only === true,
    max_age: !isUnlimited(found.max_age),
    max_msgs: !isUnlimited(found.max_msgs),
    max_msgs_per_subject: !isUnlimited(found.max_msgs_per_subject),
    sealed: found.sealed === true,
    deny_purge: found.deny_purge === true,
    mirror: Boolean(found.mirror),
    sources: Boolean(found.sources),
    num_replicas: replicas !== undefined && (found.num_replicas ?? 1) !== replicas,
  };
  return Object.keys(wrong).filter((key) => wrong[key]);
}

function isAtLeast(version: string, minimum: readonly [number, number, number]): boolean {
  const found = (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  for (const [index, least] of minimum.entries()) {
    const part = found[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

const leastVersion = [2, 9, 0] as const;
/** Before it, several publishers in a cluster are told that theirs follows one and the same message. */
const leastCluster = [2, 9, 21] as const;

function checkVersion({ serverVersion }: NatsConnection, least: readonly [number, number, number], what: string): void {
  if (isAtLeast(serverVersion, least)) return;
  const message = `nats-server ${serverVersion} is too old for ${what}: update it to ${least.join('.')} or later`;
  throw new LogServerError('too-old', message);
}

async function findOrMake(connection: NatsConnection, options: StreamOptions): Promise<ApiAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await ask(connection, `STREAM.INFO.${options.name}`);
    if (found.error?.err_code !== notFound) return found;
    const made = await ask(connection, `STREAM.CREATE.${options.name}`, configOf(options));
    if (attempt === tries || !madeMeanwhile.includes(made.error?.err_code ?? 0)) return made;
  }
}

/** Finds the stream, or makes it, and answers how many replicas it has. Rejects with a `LogServerError`. */
export async function openStream(connection: NatsConnection, options: StreamOptions): Promise<{ replicas: number }> {
  checkVersion(connection, leastVersion, 'this log');
  if ((options.replicas ?? 1) > 1) checkVersion(connection, leastCluster, 'a log with replicas');
  const { name } = options;
  const { error, config } = await findOrMake(connection, options);
  if (error?.err_code !== undefined && notEnabled.includes(error.err_code)) throw noJetStream();
  if (error || !config) {
    const message = `the stream ${name} cannot be made: ${error?.description ?? 'the NATS server gives no reason'}`;
    throw new LogServerError('other-configuration', message);
  }
  const wrong = differences(config, options);
  if (wrong.length > 0) {
    const message = `the stream ${name} is there with another configuration (${wrong.join(', ')}): take another name, or correct it`;
    throw new LogServerError('other-configuration', message);
  }
  const replicas = config.num_replicas ?? 1;
  if (replicas > 1) checkVersion(connection, leastCluster, 'a log with replicas');
  return { replicas };
}
