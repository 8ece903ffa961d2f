import type { NatsConnection } from '../../nats/index.js';
import { Bucket } from './bucket.js';
import { openBucket } from './open-bucket.js';
import type { OwnershipSettings } from './options.js';

const hourMs = 3_600_000;
const keyAgeMs = 25 * hourMs;

/** What changes seldom, often and in great numbers is kept apart: none is searched for the other. */
export interface Buckets {
  /** `HOST`: whether it is there. Every host watches them. */
  readonly members: Bucket;
  /** `HOST`: a number that grows with each renewal of its lease, or its end. A few watch each. */
  readonly beats: Bucket;
  /** `worker.WORKER`: who owns it. `held.HOST.WORKER`: what a host may own, and more. */
  readonly owners: Bucket;
  /** The Worker of a create, by the digest of its key. */
  readonly keys: Bucket;
}

/** Rejects with an `OwnershipServerError` where the server cannot keep them. */
export async function openBuckets(
  connection: NatsConnection,
  { name, replicas, clock }: OwnershipSettings,
): Promise<Buckets> {
  const opened = async (what: string, maxAgeMs?: number): Promise<Bucket> => {
    const [bucket, said] = [`${name}-${what}`, `${name}.said-${what}`];
    const found = await openBucket(connection, { bucket, said, replicas, maxAgeMs });
    return new Bucket(bucket, said, connection, clock, found > 1);
  };
  const members = await opened('members');
  const beats = await opened('beats');
  const owners = await opened('owners');
  return { members, beats, owners, keys: await opened('keys', keyAgeMs) };
}
