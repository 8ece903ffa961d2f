import type { Clock } from '../../../ports/clock.js';
import type { NatsConnection, NatsHeaders, NatsMessage } from '../../nats/index.js';
import { NatsError } from '../../nats/index.js';

/** One question is given up after it, and asked again where that does no harm. */
const requestMs = 2_000;
/** What is read is there by then, or cannot be read. */
const readMs = 8_000;
const pauseMs = 100;

const wrongLast = [10071, 10164];
/** It has the same message in hand, or cannot say. */
const inDoubt = 10158;
const notNow = [10008, 10009];
const notThere = 10037;

export interface StoredMessage {
  readonly subject: string;
  /** Of the stream, not of a Worker. */
  readonly sequence: number;
  readonly data: Uint8Array;
  /** '' where it is absent. */
  header(name: string): string;
}

/**
 * `not-done`: it is not stored by this request. `in-doubt`: it may be. `refused`: it is not stored, and asking again does
 * not help.
 */
export type Published =
  | { readonly outcome: 'stored'; readonly sequence: number }
  | { readonly outcome: 'wrong-last' | 'not-done' | 'in-doubt' }
  | { readonly outcome: 'refused'; readonly description: string };

type Query =
  | { readonly seq: number }
  | { readonly last_by_subj: string }
  | { readonly seq: number; readonly next_by_subj: string };

interface ApiAnswer {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
  readonly seq?: number;
  readonly message?: { readonly subject: string; readonly seq: number; readonly data?: string; readonly hdrs?: string };
}

const jsonOf = (data: Uint8Array): ApiAnswer => JSON.parse(new TextDecoder().decode(data)) as ApiAnswer;

/** Tries again later. */
class NotNow extends Error {}

/** Nobody answered in time: it may be otherwise later. */
export class Unanswered extends Error {}

function headersOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').slice(1);
  const pairs = lines.flatMap((line): readonly [string, string][] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  return new Map(pairs);
}

/** The stream of one log. Whatever is asked is answered, or given up, within seconds. */
export class LogStream {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly clock: Clock;
  /** A replica may tell what was true a while ago: where that matters, their leader is asked. */
  readonly isReplicated: boolean;

  constructor(name: string, connection: NatsConnection, clock: Clock, isReplicated: boolean) {
    this.name = name;
    this.connection = connection;
    this.clock = clock;
    this.isReplicated = isReplicated;
  }

  /** The newest message of a subject. */
  last(subject: string): Promise<StoredMessage | undefined> {
    return this.#read({ last_by_subj: subject }, true);
  }

  /** The first message of a subject from a sequence on. */
  async next(subject: string, seq: number): Promise<StoredMessage | undefined> {
    const query = { seq: Math.max(1, seq), next_by_subj: subject };
    return (await this.#read(query, false)) ?? (this.isReplicated ? this.#read(query, true) : undefined);
  }

  /** As `next`, and never of a replica that is behind; asked for no longer than `patienceMs`. */
  surelyNext(subject: string, seq: number, patienceMs: number): Promise<StoredMessage | undefined> {
    return this.#read({ seq: Math.max(1, seq), next_by_subj: subject }, true, patienceMs);
  }

  async at(seq: number): Promise<StoredMessage | undefined> {
    return (await this.#read({ seq }, false)) ?? (this.isReplicated ? this.#read({ seq }, true) : undefined);
  }

  #read(query: Query, isFresh: boolean, patienceMs = readMs): Promise<StoredMessage | undefined> {
    const ask = () => (isFresh && this.isReplicated ? this.#ofLeader(query) : this.#direct(query));
    return this.#patiently(ask, patienceMs);
  }

  async #direct(query: Query): Promise<StoredMessage | undefined> {
    const answer = await this.#ask(`DIRECT.GET.${this.name}`, query);
    if (answer.status === 404) return undefined;
    if (answer.status !== 0) throw new Error(`the log cannot be read: ${String(answer.status)}`);
    const [subject, sequence] = [answer.header('Nats-Subject'), Number(answer.header('Nats-Sequence'))];
    return { subject, sequence, data: answer.data, header: answer.header };
  }

  async #ofLeader(query: Query): Promise<StoredMessage | undefined> {
    const { error, message } = jsonOf((await this.#ask(`STREAM.MSG.GET.${this.name}`, query)).data);
    if (error?.err_code === notThere) return undefined;
    if (error?.code === 503) throw new NotNow(error.description);
    if (error || !message) throw new Error(`the log cannot be read: ${error?.description ?? 'no message'}`);
    const headers = headersOf(Buffer.from(message.hdrs ?? '', 'base64').toString('utf8'));
    const data = Buffer.from(message.data ?? '', 'base64');
    return { subject: message.subject, sequence: message.seq, data, header: (name) => headers.get(name) ?? '' };
  }

  #ask(subject: string, query: object): Promise<NatsMessage> {
    return this.connection.request(`$JS.API.${subject}`, JSON.stringify(query), { timeoutMs: requestMs });
  }

  /** Asks again until it is answered or time is over. */
  async #patiently<T>(ask: () => Promise<T>, patienceMs = readMs): Promise<T> {
    const endAt = this.clock.now() + patienceMs;
    for (;;) {
      try {
        return await ask();
      } catch (cause) {
        const isWorthIt = cause instanceof NotNow || (cause instanceof NatsError && cause.problem !== 'denied');
        if (!isWorthIt || this.clock.now() + pauseMs >= endAt || this.connection.isClosed) {
          throw isWorthIt ? new Unanswered('the log does not answer', { cause }) : cause;
        }
      }
      await this.pause();
    }
  }

  pause(ms = pauseMs): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  /** Stores a message. Never rejects. */
  async publish(
    subject: string,
    data: Uint8Array | string,
    headers: NatsHeaders,
    timeoutMs = requestMs,
  ): Promise<Published> {
    try {
      const { error, seq } = jsonOf((await this.connection.request(subject, data, { timeoutMs, headers })).data);
      if (!error) return seq === undefined ? { outcome: 'in-doubt' } : { outcome: 'stored', sequence: seq };
      const code = error.err_code ?? 0;
      if (wrongLast.includes(code)) return { outcome: 'wrong-last' };
      if (code === inDoubt) return { outcome: 'in-doubt' };
      if (notNow.includes(code)) return { outcome: 'not-done' };
      return { outcome: 'refused', description: error.description ?? 'no reason is given' };
    } catch (cause) {
      if (!(cause instanceof NatsError)) return { outcome: 'in-doubt' };
      if (cause.problem === 'denied') return { outcome: 'refused', description: cause.message };
      const isDone = cause.problem !== 'no-responders' && cause.problem !== 'not-sent';
      return { outcome: isDone ? 'in-doubt' : 'not-done' };
    }
  }

  /** Stores what may be stored twice, and tries until it is. Rejects where it is not known to be. */
  async mustPublish(subject: string, data: Uint8Array | string, headers: NatsHeaders): Promise<number> {
    const endAt = this.clock.now() + readMs;
    for (;;) {
      const published = await this.publish(subject, data, headers);
      if (published.outcome === 'stored') return published.sequence;
      if (published.outcome === 'refused') throw new Error(`the log cannot be written: ${published.description}`);
      if (this.clock.now() + pauseMs >= endAt || this.connection.isClosed) throw new Error('the log cannot be written');
      await this.pause();
    }
  }

  /** Removes the messages of a subject before `seq`, which is above 1: an older server takes 1 for all of them. */
  async purge(filter: string, seq: number): Promise<void> {
    if (seq <= 1) return;
    await this.#patiently(async () => {
      const { error } = jsonOf((await this.#ask(`STREAM.PURGE.${this.name}`, { filter, seq })).data);
      if (error?.code === 503) throw new NotNow(error.description);
      if (error) throw new Error(error.description);
    });
  }
}
