import type { Clock } from '../../../ports/clock.js';
import type { NatsConnection, NatsMessage } from '../../nats/index.js';
import { NatsError } from '../../nats/index.js';
import { monotonicMs } from './monotonic.js';

const tryMs = 2_000;
const patienceMs = 6_000;
const pauseMs = 100;

const wrongLast = [10071, 10164];
/** It has the same message in hand, or cannot say. */
const inDoubt = 10158;
const notNow = [10008, 10009];
const notThere = [10037, 10043, 10057];

export interface Entry {
  readonly key: string;
  /** Grows with each entry that is stored in its bucket. */
  readonly revision: number;
  readonly value: string;
}

/** `conflict`: the entry is not at the revision that was expected. */
export type SetResult = { readonly outcome: 'set'; readonly revision: number } | { readonly outcome: 'conflict' };

/** For what a request waits; several tries fit in. */
export interface Patience {
  /** In all. */
  readonly ms?: number | undefined;
  /** For one answer. */
  readonly tryMs?: number | undefined;
}

type Published =
  | { readonly outcome: 'stored'; readonly revision: number }
  | { readonly outcome: 'wrong-last' | 'not-done' | 'in-doubt' }
  | { readonly outcome: 'refused'; readonly description: string };

interface ApiAnswer {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
  readonly seq?: number;
  readonly state?: { readonly messages: number };
  readonly message?: { readonly subject: string; readonly seq: number; readonly data?: string };
}

type Query = { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string };

const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);
const jsonOf = ({ data }: NatsMessage): ApiAnswer => JSON.parse(textOf(data)) as ApiAnswer;

class NotNow extends Error {}

/** Entries by key, the last of each. Whatever is asked is answered, or rejected, within seconds. */
export class Bucket {
  readonly stream: string;
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly #prefix: string;
  readonly #said: string;
  readonly #isReplicated: boolean;

  constructor(bucket: string, said: string, connection: NatsConnection, clock: Clock, isReplicated: boolean) {
    this.stream = `KV_${bucket}`;
    this.#prefix = `$KV.${bucket}.`;
    this.#said = `${said}.`;
    this.connection = connection;
    this.clock = clock;
    this.#isReplicated = isReplicated;
  }

  subjectOf(key: string): string {
    return this.#prefix + key;
  }

  keyOf(subject: string): string {
    return subject.slice(this.#prefix.length);
  }

  get(key: string, patience?: Patience): Promise<Entry | undefined> {
    return this.#read({ last_by_subj: this.subjectOf(key) }, patience);
  }

  /** The first entry from a revision on, of any key. */
  next(revision: number): Promise<Entry | undefined> {
    return this.#read({ seq: revision, next_by_subj: this.subjectOf('>') });
  }

  /** How many entries there are. */
  count(): Promise<number> {
    return this.#patiently(async (timeoutMs) => {
      const { error, state } = jsonOf(await this.#ask('STREAM.INFO', {}, timeoutMs));
      if (error?.code === 503) throw new NotNow(error.description);
      if (!state) throw new Error(`entries cannot be counted: ${error?.description ?? 'no number is given'}`);
      return state.messages;
    });
  }

  /**
   * Stores an entry behind the expected revision, 0 for none, or not at all. What is in doubt is looked up: no two that
   * may write a key write the same value, unless it is all the same who did.
   */
  async set(key: string, value: string, expected: number, patience: Patience = {}): Promise<SetResult> {
    const endAt = monotonicMs() + (patience.ms ?? patienceMs);
    const headers = { 'Nats-Expected-Last-Subject-Sequence': String(expected) };
    for (let isDoubtful = false; ;) {
      const published = await this.#publish(key, value, headers, patience);
      if (published.outcome === 'stored') return { outcome: 'set', revision: published.revision };
      if (published.outcome === 'refused') throw new Error(`an entry cannot be written: ${published.description}`);
      if (published.outcome === 'wrong-last' && !isDoubtful) return { outcome: 'conflict' };
      isDoubtful ||= published.outcome === 'in-doubt';
      if (monotonicMs() >= endAt || this.connection.isClosed) throw new Error('the engine does not answer');
      if (isDoubtful) {
        const found = await this.get(key, { ...patience, ms: Math.max(0, endAt - monotonicMs()) });
        if (found?.value === value && found.revision > expected) return { outcome: 'set', revision: found.revision };
        if ((found?.revision ?? 0) !== expected) return { outcome: 'conflict' };
      }
      await this.pause(pauseMs);
    }
  }

  /** Stores an entry over whatever there is, which may be the same one. */
  async put(key: string, value: string): Promise<number> {
    const endAt = monotonicMs() + patienceMs;
    for (;;) {
      const published = await this.#publish(key, value, undefined, {});
      if (published.outcome === 'stored') return published.revision;
      if (published.outcome === 'refused') throw new Error(`an entry cannot be written: ${published.description}`);
      if (monotonicMs() >= endAt || this.connection.isClosed) throw new Error('the engine does not answer');
      await this.pause(pauseMs);
    }
  }

  /** Removes the entry of that revision and nothing that came later; nothing is left of it. */
  remove(revision: number): Promise<void> {
    return this.#patiently(async (timeoutMs) => {
      const { error } = jsonOf(await this.#ask('STREAM.MSG.DELETE', { seq: revision, no_erase: true }, timeoutMs));
      if (!error || notThere.includes(error.err_code ?? 0)) return;
      if (error.code === 503) throw new NotNow(error.description);
      throw new Error(error.description);
    });
  }

  /** Tells entries as they are stored, of a key or of `PREFIX.*`; some may be missed. The returned function ends it. */
  watch(keys: string, onEntry: (entry: Entry) => void): () => void {
    return this.connection.subscribe(this.#said + keys, (message) => {
      const revision = Number(message.header('Nats-Sequence'));
      const key = message.subject.slice(this.#said.length);
      if (revision > 0) onEntry({ key, revision, value: textOf(message.data) });
    });
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  #read(query: Query, patience?: Patience): Promise<Entry | undefined> {
    // A replica may tell what was true a while ago: their leader is asked.
    const read = this.#isReplicated ? this.#ofLeader : this.#direct;
    return this.#patiently((timeoutMs) => read.call(this, query, timeoutMs), patience);
  }

  async #direct(query: Query, timeoutMs: number): Promise<Entry | undefined> {
    const answer = await this.#ask('DIRECT.GET', query, timeoutMs);
    if (answer.status === 404) return undefined;
    if (answer.status !== 0) throw new Error(`an entry cannot be read: ${answer.status}`);
    const revision = Number(answer.header('Nats-Sequence'));
    return { key: this.keyOf(answer.header('Nats-Subject')), revision, value: textOf(answer.data) };
  }

  async #ofLeader(query: Query, timeoutMs: number): Promise<Entry | undefined> {
    const { error, message } = jsonOf(await this.#ask('STREAM.MSG.GET', query, timeoutMs));
    if (notThere.includes(error?.err_code ?? 0)) return undefined;
    if (error?.code === 503) throw new NotNow(error.description);
    if (error || !message) throw new Error(`an entry cannot be read: ${error?.description ?? 'no message'}`);
    const value = Buffer.from(message.data ?? '', 'base64').toString('utf8');
    return { key: this.keyOf(message.subject), revision: message.seq, value };
  }

  #ask(api: string, query: object, timeoutMs: number): Promise<NatsMessage> {
    return this.connection.request(`$JS.API.${api}.${this.stream}`, JSON.stringify(query), { timeoutMs });
  }

  /** Asks again until it is answered or time is over. */
  async #patiently<T>(ask: (timeoutMs: number) => Promise<T>, patience: Patience = {}): Promise<T> {
    const endAt = monotonicMs() + (patience.ms ?? patienceMs);
    for (;;) {
      try {
        return await ask(patience.tryMs ?? tryMs);
      } catch (cause) {
        const isWorthIt = cause instanceof NotNow || (cause instanceof NatsError && cause.problem !== 'denied');
        if (!isWorthIt || monotonicMs() + pauseMs >= endAt || this.connection.isClosed) {
          throw new Error('the engine does not answer', { cause });
        }
      }
      await this.pause(pauseMs);
    }
  }

  async #publish(
    key: string,
    value: string,
    headers: Readonly<Record<string, string>> | undefined,
    patience: Patience,
  ): Promise<Published> {
    try {
      const timeoutMs = patience.tryMs ?? tryMs;
      const { error, seq } = jsonOf(await this.connection.request(this.subjectOf(key), value, { timeoutMs, headers }));
      if (!error) return seq === undefined ? { outcome: 'in-doubt' } : { outcome: 'stored', revision: seq };
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
}
