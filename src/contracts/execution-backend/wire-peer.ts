import assert from 'node:assert/strict';

import { eventsParams, exitedParams } from '../../protocol/ebp.js';
import type { CaseCall } from '../contract-case.js';
import { within } from '../within.js';
import type { WireConnection } from './harness.js';

type Fields = Readonly<Record<string, unknown>>;

export interface WireResult extends Fields {
  readonly outcome?: unknown;
  readonly code?: unknown;
}

/** What a backend said in one line, as far as it is a JSON object. */
export interface WireMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: WireResult;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: Fields };
}

export interface WireLimits {
  readonly maxLineBytes: number;
  readonly windowEvents: number;
  readonly windowBytes: number;
}

export const defaultLimits: WireLimits = {
  maxLineBytes: 1024 * 1024,
  windowEvents: 1024,
  windowBytes: 4 * 1024 * 1024,
};

export interface HeardLine {
  readonly text: string;
  /** Without its line feed. */
  readonly bytes: number;
  /** `undefined`: it is no JSON object. */
  readonly message: WireMessage | undefined;
}

/** One event as it came. */
export interface HeardEvent {
  readonly sequence: number;
  readonly inputId?: string | undefined;
  readonly event: Fields & { readonly type: string };
  /** The number of its line in what was heard, from 0. */
  readonly line: number;
}

/** `worker/events` lines of one Worker and generation. */
export interface HeardStream {
  readonly events: HeardEvent[];
  /** The last event that was acknowledged. */
  acknowledged: number;
}

export interface WirePeerOptions {
  /** Acknowledges every line of events at once. `true`. */
  readonly acknowledges?: boolean | undefined;
}

/** More than any case makes a backend say: who says more never stops. */
const maxHeardBytes = 32 * 1024 * 1024;

interface Waiter {
  readonly holds: () => boolean;
  readonly what: string;
  readonly settle: (failure?: Error) => void;
}

/** The host end of a wire, by hand: sends any text, keeps all that it hears, judges nothing. */
export class WirePeer {
  readonly heard: HeardLine[] = [];
  limits = defaultLimits;
  /** Whether it acknowledges every line of events at once. */
  acknowledges: boolean;
  readonly #connection: WireConnection;
  readonly #call: CaseCall;
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  readonly #streams = new Map<string, HeardStream>();
  readonly #waiters = new Set<Waiter>();
  #pieces: string[] = [];
  #heardBytes = 0;
  #isClosed = false;
  /** What it said that a host cannot take. */
  #unreadable: string | undefined;
  #lastId = 0;
  /** How many lines were sent, so that a complaint can be matched with its line. */
  linesSent: number;

  constructor(connection: WireConnection, call: CaseCall, { acknowledges = true }: WirePeerOptions = {}) {
    this.#connection = connection;
    this.#call = call;
    this.acknowledges = acknowledges;
    this.linesSent = connection.linesSent ?? 0;
    connection.start((chunk) => this.#read(chunk));
    void connection.closed.then(() => {
      this.#isClosed = true;
      call.note('← the connection is closed');
      this.#look();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends text as it is: a line, a part of one, or several. */
  sendText(text: string): void {
    this.#call.note(`→ ${text.slice(0, 500).trimEnd()}`);
    this.linesSent += text.split('\n').length - 1;
    void this.#connection.write(text);
  }

  send(message: object): void {
    this.sendText(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  notify(method: string, params: object): void {
    this.send({ method, params });
  }

  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Sends a request; its answer, a result or an error. */
  request(method: string, params: object): Promise<WireMessage> {
    const id = this.newId();
    this.send({ id, method, params });
    return this.answer(id, method);
  }

  /** The answer to a request that was sent. */
  answer(id: string | number, method: string): Promise<WireMessage> {
    const isAnswer = ({ message }: HeardLine): boolean => message?.id === id && message.method === undefined;
    return this.line(isAnswer, `the answer to ${method}`).then(({ message }) => message ?? {});
  }

  /** The result of a request. An error in its place is a failure. */
  async result(method: string, params: object): Promise<WireResult> {
    const { result, error } = await this.request(method, params);
    assert.ok(result !== undefined && error === undefined, `${method} is answered by a result, not by an error`);
    return result;
  }

  /** The first line from `from` on that fits, once it is there. */
  async line(fits: (line: HeardLine) => boolean, what: string, from = 0): Promise<HeardLine> {
    let index = from;
    await this.until(() => {
      while (index < this.heard.length && !fits(this.heard[index] as HeardLine)) index += 1;
      return index < this.heard.length;
    }, what);
    return this.heard[index] as HeardLine;
  }

  /**
   * Waits until `holds`, which is asked again after everything that is heard. Fails where the connection closes first,
   * and once the backend has said a line that is no message.
   */
  until(holds: () => boolean, what: string): Promise<void> {
    const waited = new Promise<void>((resolve, reject) => {
      const settle = (failure?: Error): void => (failure ? reject(failure) : resolve());
      const waiter: Waiter = { holds, what, settle };
      this.#waiters.add(waiter);
      this.#ask(waiter);
    });
    return within(this.#call.signal, what, waited);
  }

  /** Waits until nothing more comes in. */
  closed(what = 'the end of the connection'): Promise<void> {
    return within(this.#call.signal, what, this.#connection.closed);
  }

  /** Goes away. */
  close(): void {
    this.#call.note('→ the connection is closed');
    this.#connection.close();
  }

  stream(workerId: string, generation: number): HeardStream {
    const key = `${workerId} ${generation}`;
    const stream = this.#streams.get(key) ?? { events: [], acknowledged: 0 };
    this.#streams.set(key, stream);
    return stream;
  }

  /** Acknowledges everything up to `sequence`. */
  acknowledge(workerId: string, generation: number, sequence: number, more: object = {}): void {
    this.stream(workerId, generation).acknowledged = sequence;
    this.notify('$/ack', { workerId, generation, sequence, ...more });
  }

  #read(chunk: Uint8Array): void {
    this.#heardBytes += chunk.length;
    if (this.#heardBytes > maxHeardBytes) return this.#hearNoMore();
    const [first = '', ...others] = this.#decoder.decode(chunk, { stream: true }).split('\n');
    this.#pieces.push(first);
    for (const piece of others) {
      const text = this.#pieces.join('');
      this.#pieces = [piece];
      this.#take(text);
    }
    this.#look();
  }

  /** What comes is not kept, and whoever waits for something fails. */
  #hearNoMore(): void {
    this.#pieces = [];
    this.#unreadable ??= `more than ${maxHeardBytes} bytes`;
    this.#look();
  }

  #take(text: string): void {
    this.#call.note(`← ${text.slice(0, 500)}`);
    const message = messageIn(text);
    if (!isReadable(message)) this.#unreadable ??= text;
    this.heard.push({ text, bytes: this.#encoder.encode(text).length, message });
    if (message?.method === 'worker/events') this.#takeEvents(message.params);
    if (message?.method === 'worker/exited') this.#takeExit(message.params);
  }

  #takeEvents(params: unknown): void {
    const frame = eventsParams.safeParse(params);
    if (!frame.success) return;
    const { workerId, generation, sequence, events } = frame.data;
    const stream = this.stream(workerId, generation);
    const line = this.heard.length - 1;
    events.forEach(({ inputId, event }, index) =>
      stream.events.push({ sequence: sequence + index, inputId, event: { ...event }, line }),
    );
    if (this.acknowledges) this.acknowledge(workerId, generation, sequence + events.length - 1);
  }

  #takeExit(params: unknown): void {
    const frame = exitedParams.safeParse(params);
    if (!frame.success || !this.acknowledges) return;
    this.acknowledge(frame.data.workerId, frame.data.generation, frame.data.sequence);
  }

  #look(): void {
    for (const waiter of this.#waiters) this.#ask(waiter);
  }

  #ask(waiter: Waiter): void {
    const holds = waiter.holds();
    const failure = holds ? undefined : this.#failure(waiter.what);
    if (!holds && failure === undefined) return;
    this.#waiters.delete(waiter);
    waiter.settle(failure === undefined ? undefined : new assert.AssertionError({ message: failure }));
  }

  /** Why what is waited for cannot come any more. */
  #failure(what: string): string | undefined {
    if (this.#unreadable !== undefined) return `it said what no host can take: ${this.#unreadable.slice(0, 200)}`;
    return this.#isClosed ? `the connection closed before ${what}` : undefined;
  }
}

/** A message, and one of the right form where it brings events. */
function isReadable(message: WireMessage | undefined): boolean {
  if (message?.method === 'worker/events') return eventsParams.safeParse(message.params).success;
  if (message?.method === 'worker/exited') return exitedParams.safeParse(message.params).success;
  return message !== undefined;
}

function messageIn(text: string): WireMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
