import type { NatsConnection } from '../../nats/index.js';
import { NatsError } from '../../nats/index.js';
import { OwnershipServerError } from './ownership-server-error.js';

/** Written into each bucket: a later form of the entries has another. */
const description = 'workport ownership 1';
const nsInMs = 1_000_000;
const apiMs = 5_000;
const notFound = 10059;
/** What the second of two hosts is told that make it at once: there is one of that name, or that has its subjects. */
const madeMeanwhile = [10058, 10065];
const tries = 5;
const notEnabled = [10039, 10076];

interface BucketConfig {
  readonly description?: string;
  readonly subjects?: readonly string[];
  readonly num_replicas?: number;
  readonly max_age?: number;
  readonly max_msgs_per_subject?: number;
  readonly allow_direct?: boolean;
  readonly deny_delete?: boolean;
  readonly storage?: string;
  readonly republish?: { readonly src?: string; readonly dest?: string };
}

interface ApiAnswer {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
  readonly config?: BucketConfig;
}

export interface BucketOptions {
  /** As `nats kv` names it. */
  readonly bucket: string;
  /** Where each entry is said when it is stored, before its key. */
  readonly said: string;
  /** An entry is gone after it. Absent: it stays. */
  readonly maxAgeMs?: number | undefined;
  /** Absent: as many as the bucket has; 1 for a new one. */
  readonly replicas: number | undefined;
}

async function ask(connection: NatsConnection, subject: string, request?: object): Promise<ApiAnswer> {
  try {
    const data = request ? JSON.stringify(request) : '';
    const answer = await connection.request(`$JS.API.${subject}`, data, { timeoutMs: apiMs });
    return JSON.parse(new TextDecoder().decode(answer.data)) as ApiAnswer;
  } catch (cause) {
    if (cause instanceof NatsError && cause.problem === 'no-responders') throw noJetStream();
    if (!(cause instanceof NatsError) || cause.problem !== 'no-answer') throw cause;
    const message =
      'JetStream does not answer: see that it is enabled, that its cluster has a leader, and that the account may use $JS.API.>';
    throw new OwnershipServerError('unreachable', message, { cause });
  }
}

const noJetStream = (): OwnershipServerError =>
  new OwnershipServerError(
    'no-jetstream',
    'JetStream is not enabled on the NATS server, or not for this account: enable it there',
  );

/** As a bucket of the server's own key-value store, but for what is said, and that single entries can be deleted. */
const configOf = ({ bucket, said, maxAgeMs = 0, replicas }: BucketOptions): BucketConfig & Record<string, unknown> => ({
  name: `KV_${bucket}`,
  description,
  subjects: [`$KV.${bucket}.>`],
  retention: 'limits',
  storage: 'file',
  discard: 'new',
  num_replicas: replicas ?? 1,
  max_consumers: -1,
  max_msgs: -1,
  max_msgs_per_subject: 1,
  max_bytes: -1,
  max_age: maxAgeMs * nsInMs,
  max_msg_size: -1,
  allow_direct: true,
  allow_rollup_hdrs: true,
  deny_delete: false,
  republish: { src: `$KV.${bucket}.>`, dest: `${said}.>` },
});

function differences(found: BucketConfig, options: BucketOptions): readonly string[] {
  const wanted = configOf(options);
  const wrong: Readonly<Record<string, boolean>> = {
    description: found.description !== wanted.description,
    subjects: found.subjects?.join() !== wanted.subjects?.join(),
    storage: found.storage !== wanted.storage,
    max_msgs_per_subject: found.max_msgs_per_subject !== wanted.max_msgs_per_subject,
    max_age: (found.max_age ?? 0) !== wanted.max_age,
    allow_direct: found.allow_direct !== true,
    deny_delete: found.deny_delete === true,
    republish: found.republish?.src !== wanted.republish?.src || found.republish?.dest !== wanted.republish?.dest,
    num_replicas: options.replicas !== undefined && (found.num_replicas ?? 1) !== options.replicas,
  };
  return Object.keys(wrong).filter((key) => wrong[key]);
}

type Version = readonly [number, number, number];
const leastVersion: Version = [2, 9, 0];
/** Before it, several publishers in a cluster are told that theirs follows one and the same message. */
const leastCluster: Version = [2, 9, 21];

function isAtLeast(version: string, minimum: Version): boolean {
  const found = (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  for (const [index, least] of minimum.entries()) {
    const part = found[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

function checkVersion({ serverVersion }: NatsConnection, replicas: number): void {
  const least = replicas > 1 ? leastCluster : leastVersion;
  if (isAtLeast(serverVersion, least)) return;
  const what = replicas > 1 ? 'the ownership of Workers with replicas' : 'the ownership of Workers';
  const message = `nats-server ${serverVersion} is too old for ${what}: update it to ${least.join('.')} or later`;
  throw new OwnershipServerError('too-old', message);
}

async function findOrMake(connection: NatsConnection, options: BucketOptions): Promise<ApiAnswer> {
  const name = `KV_${options.bucket}`;
  for (let attempt = 1; ; attempt += 1) {
    const found = await ask(connection, `STREAM.INFO.${name}`);
    if (found.error?.err_code !== notFound) return found;
    const made = await ask(connection, `STREAM.CREATE.${name}`, configOf(options));
    if (attempt === tries || !madeMeanwhile.includes(made.error?.err_code ?? 0)) return made;
  }
}

/** Finds a bucket, or makes it, and answers how many replicas it has. Rejects with an `OwnershipServerError`. */
export async function openBucket(connection: NatsConnection, options: BucketOptions): Promise<number> {
  checkVersion(connection, options.replicas ?? 1);
  const { error, config } = await findOrMake(connection, options);
  if (error?.err_code !== undefined && notEnabled.includes(error.err_code)) throw noJetStream();
  if (error || !config) {
    const message = `the bucket ${options.bucket} cannot be made: ${error?.description ?? 'the NATS server gives no reason'}`;
    throw new OwnershipServerError('other-configuration', message);
  }
  const wrong = differences(config, options);
  if (wrong.length > 0) {
    const message = `the bucket ${options.bucket} is there with another configuration (${wrong.join(', ')}): take another name, or correct it`;
    throw new OwnershipServerError('other-configuration', message);
  }
  const replicas = config.num_replicas ?? 1;
  checkVersion(connection, replicas);
  return replicas;
}
