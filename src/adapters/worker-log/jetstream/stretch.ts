import { within } from '../../nats/index.js';
import type { NatsMessage } from '../../nats/index.js';
import type { LogStream, StoredMessage } from './stream.js';

const requestMs = 2_000;
const idleNs = 30_000_000_000;
/** So much is on its way at most, or two messages. */
const batchBytes = 4 * 1024 * 1024;

export interface Batch {
  readonly messages: readonly StoredMessage[];
  /** Whether nothing is behind it. */
  readonly isAtEnd: boolean;
}

/** Messages of a subject, many at a time: for what is longer than a few of them. */
export interface Stretch {
  /** At most `count` messages; `undefined` where the server tells no more: what is behind is asked for otherwise. */
  batch(count: number): Promise<Batch | undefined>;
  close(): void;
}

type From = { readonly seq: number } | 'last-per-subject';

/** Where a message comes from is told in the subject of its acknowledgement, which has two words more in newer servers. */
function placeOf(reply: string): { readonly sequence: number; readonly pending: number } {
  const words = reply.split('.');
  const offset = words.length > 9 ? 2 : 0;
  return { sequence: Number(words[5 + offset]), pending: Number(words[8 + offset]) };
}

interface ConsumerAnswer {
  readonly error?: { readonly description?: string };
  readonly name?: string;
}

async function consumerOf(stream: LogStream, subject: string, from: From): Promise<string | undefined> {
  const policy =
    from === 'last-per-subject'
      ? { deliver_policy: 'last_per_subject' }
      : { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, from.seq) };
  const config = {
    ...policy,
    filter_subject: subject,
    ack_policy: 'none',
    replay_policy: 'instant',
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: idleNs,
  };
  try {
    const request = JSON.stringify({ stream_name: stream.name, config });
    const api = `$JS.API.CONSUMER.CREATE.${stream.name}`;
    const answer = await stream.connection.request(api, request, { timeoutMs: requestMs });
    return (JSON.parse(new TextDecoder().decode(answer.data)) as ConsumerAnswer).name;
  } catch {
    return undefined;
  }
}

/** Takes what comes to an inbox until there is enough of it, or no more. */
async function take(stream: LogStream, consumer: string, count: number): Promise<Batch | undefined> {
  const { connection, clock } = stream;
  const taken = { messages: [] as StoredMessage[], isAtEnd: false };
  const inbox = connection.newInbox();
  let unsubscribe = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    unsubscribe = connection.subscribe(inbox, (message: NatsMessage) => {
      if (message.status !== 0) {
        taken.isAtEnd ||= message.status === 404;
        resolve();
        return;
      }
      const { sequence, pending } = placeOf(message.reply);
      taken.messages.push({ subject: message.subject, sequence, data: message.data, header: message.header });
      taken.isAtEnd ||= pending === 0;
      if (taken.isAtEnd || taken.messages.length >= count) resolve();
    });
  });
  try {
    const maxBytes = Math.max(batchBytes, 2 * connection.maxPayload);
    const request = JSON.stringify({ batch: count, no_wait: true, max_bytes: maxBytes });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${consumer}`, request, inbox);
    await within(clock, requestMs, arrived, () => new Error('late')).catch(() => undefined);
  } finally {
    unsubscribe();
  }
  return taken.messages.length > 0 || taken.isAtEnd ? taken : undefined;
}

export async function openStretch(stream: LogStream, subject: string, from: From): Promise<Stretch | undefined> {
  const consumer = await consumerOf(stream, subject, from);
  if (consumer === undefined) return undefined;
  return {
    batch: (count) => take(stream, consumer, count),
    close: () => stream.connection.publish(`$JS.API.CONSUMER.DELETE.${stream.name}.${consumer}`),
  };
}
