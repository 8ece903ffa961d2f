import { within } from '../../nats/index.js';
import type { NatsMessage } from '../../nats/index.js';
import type { Bucket } from './bucket.js';

const requestMs = 2_000;
const batchCount = 256;
const idleNs = 30_000_000_000;

export interface ListedKey {
  readonly key: string;
  readonly revision: number;
}

interface Batch {
  readonly keys: readonly ListedKey[];
  /** Whether nothing is behind it. */
  readonly isAtEnd: boolean;
}

/** Where a message comes from is told in the subject of its acknowledgement, which has two words more in newer servers. */
function placeOf(reply: string): { readonly revision: number; readonly pending: number } {
  const words = reply.split('.');
  const offset = words.length > 9 ? 2 : 0;
  return { revision: Number(words[5 + offset]), pending: Number(words[8 + offset]) };
}

interface ConsumerAnswer {
  readonly error?: { readonly description?: string };
  readonly name?: string;
}

async function consumerOf(bucket: Bucket, filter: string): Promise<string> {
  const config = {
    deliver_policy: 'all',
    filter_subject: bucket.subjectOf(filter),
    ack_policy: 'none',
    replay_policy: 'instant',
    headers_only: true,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: idleNs,
  };
  const request = JSON.stringify({ stream_name: bucket.stream, config });
  const api = `$JS.API.CONSUMER.CREATE.${bucket.stream}`;
  const answer = await bucket.connection.request(api, request, { timeoutMs: requestMs });
  const { name, error } = JSON.parse(new TextDecoder().decode(answer.data)) as ConsumerAnswer;
  if (name === undefined) throw new Error(`entries cannot be listed: ${error?.description ?? 'no reason is given'}`);
  return name;
}

async function batchOf(bucket: Bucket, consumer: string): Promise<Batch> {
  const { connection, clock } = bucket;
  const taken = { keys: [] as ListedKey[], isAtEnd: false };
  const inbox = connection.newInbox();
  let unsubscribe = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    unsubscribe = connection.subscribe(inbox, (message: NatsMessage) => {
      if (message.status !== 0) {
        taken.isAtEnd ||= message.status === 404;
        resolve();
        return;
      }
      const { revision, pending } = placeOf(message.reply);
      taken.keys.push({ key: bucket.keyOf(message.subject), revision });
      taken.isAtEnd ||= pending === 0;
      if (taken.isAtEnd || taken.keys.length >= batchCount) resolve();
    });
  });
  try {
    const request = JSON.stringify({ batch: batchCount, no_wait: true });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${bucket.stream}.${consumer}`, request, inbox);
    await within(clock, requestMs, arrived, () => new Error('the engine does not answer'));
  } finally {
    unsubscribe();
  }
  return taken;
}

/** The keys that match `PREFIX.*`, a batch at a time. Rejects where the engine does not answer in time. */
export async function* listed(bucket: Bucket, filter: string): AsyncGenerator<readonly ListedKey[], void, void> {
  const consumer = await consumerOf(bucket, filter);
  try {
    for (;;) {
      const { keys, isAtEnd } = await batchOf(bucket, consumer);
      yield keys;
      if (isAtEnd) return;
      if (keys.length === 0) throw new Error('the engine tells no more');
    }
  } finally {
    bucket.connection.publish(`$JS.API.CONSUMER.DELETE.${bucket.stream}.${consumer}`);
  }
}
