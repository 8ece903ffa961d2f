import { randomUUID } from 'node:crypto';

import type { LogFields, Logger } from '../../../ports/logger.js';
import type { LineFault } from './line-reader.js';
import { LineReader } from './line-reader.js';
import type { Message, RequestId, RpcErrorKind } from './messages.js';
import { errorLine, lineBytes, notificationLine, readMessage, requestLine, resultLine } from './messages.js';
import { Outbox } from './outbox.js';
import type { WireTransport } from './transport.js';
import { afterMicrotasks } from './after-microtasks.js';
import { WireError } from './wire-error.js';

/** What became of a request. Nothing here rejects, and everything settles at once when the connection ends (E5). */
export type Reply =
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly code: number; readonly data: unknown }
  /** It was written, then the connection ended. */
  | { readonly type: 'lost' }
  /** It was written, then the caller stopped waiting. */
  | { readonly type: 'aborted' }
  /** Nothing was written. */
  | { readonly type: 'unsent'; readonly reason: 'too-large' | 'disconnected' };

export interface PeerHandler {
  request(id: RequestId, method: string, params: unknown): void;
  /** `false`: it is not known. `bytes` is the length of its line. */
  notification(method: string, params: unknown, bytes: number): boolean;
}

export interface PeerOptions {
  readonly maxLineBytes: number;
  /**
   * Until it is opened, the other end is a stranger who may only ask. Whoever breaks a rule is told nothing: all who
   * are refused are refused alike. Nor can they fill the operator's log: who listens counts them by the end.
   */
  readonly isSilent?: boolean | undefined;
  readonly logger: Logger;
  readonly handler: PeerHandler;
}

/** After so many the connection is closed (E1). */
const allowedViolations = 3;
/** How many messages that could not be served are told to the operator of one connection. */
const maxToldComplaints = 100;
const leastQueuedChars = 16 * 1024 * 1024;
const pingLine = notificationLine('$/ping', {});
const pongLine = notificationLine('$/pong', {});

/** One end of a JSON-RPC connection: lines in, lines out, violations counted. Knows no method but ping and pong. */
export class Peer {
  readonly outbox: Outbox;
  /** Resolves once with the reason of the end: `connection-lost`, or a violation with its line. Never rejects. */
  readonly closed: Promise<WireError>;
  /** For a heartbeat: how many pings are unanswered, and how many chunks came in. Pipes need none. */
  unansweredPings = 0;
  chunksReceived = 0;
  #isSilent: boolean;
  #maxLineBytes: number;
  readonly #transport: WireTransport;
  readonly #handler: PeerHandler;
  readonly #logger: Logger;
  readonly #reader: LineReader;
  readonly #pending = new Map<RequestId, (reply: Reply) => void>();
  #nextId = 1;
  #opened = false;
  #violations = 0;
  readonly #ignored = { notifications: 0, answers: 0, frames: 0 };
  #complaints = 0;
  #end: WireError | undefined;
  #resolveClosed: (end: WireError) => void = () => undefined;

  constructor(transport: WireTransport, options: PeerOptions) {
    this.#transport = transport;
    this.#handler = options.handler;
    this.#logger = options.logger;
    this.#isSilent = options.isSilent ?? false;
    this.#maxLineBytes = options.maxLineBytes;
    this.outbox = new Outbox(transport, Math.max(leastQueuedChars, 4 * options.maxLineBytes));
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#reader = new LineReader(options.maxLineBytes, {
      line: (text, bytes) => this.#onLine(text, bytes),
      fault: (fault: LineFault) => this.violation(fault),
    });
  }

  start(): void {
    void this.#transport.closed.then(() => this.#onTransportClosed());
    this.#transport.start((chunk) => {
      this.chunksReceived += 1;
      this.#reader.push(chunk);
    });
  }

  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  /** The other end has shown who it is: it is told what it does wrong. */
  trust(): void {
    this.#isSilent = false;
  }

  get maxLineBytes(): number {
    return this.#maxLineBytes;
  }

  /** The handshake is done: the negotiated limit counts, and a single violation is forgiven. */
  open(maxLineBytes: number): void {
    this.#opened = true;
    this.#maxLineBytes = maxLineBytes;
    this.#reader.setLimit(maxLineBytes);
  }

  async request(method: string, params: object, signal?: AbortSignal): Promise<Reply> {
    if (this.#end || signal?.aborted) return { type: 'unsent', reason: 'disconnected' };
    const id = this.#nextId;
    const line = requestLine(id, method, params);
    if (!this.#fits(line)) return { type: 'unsent', reason: 'too-large' };
    if (!this.outbox.push(line)) return { type: 'unsent', reason: 'disconnected' };
    this.#nextId += 1;
    return new Promise((resolve) => {
      const onAbort = (): void => this.#settle(id, { type: 'aborted' });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, (reply) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(reply);
      });
    });
  }

  notify(method: string, params: object): void {
    const line = notificationLine(method, params);
    if (this.#fits(line)) this.#push(line);
  }

  /** The line of an answer, where it fits. */
  answerLine(id: RequestId, result: object): string | undefined {
    const line = resultLine(id, result);
    return this.#fits(line) ? line : undefined;
  }

  /** Sends a line that was made by `answerLine`. */
  answer(line: string): void {
    this.#push(line);
  }

  refuse(id: RequestId | null, kind: RpcErrorKind, more: { supported?: readonly number[]; line?: number } = {}): void {
    const correlationId = randomUUID();
    this.#complain('refused a message of the other end', { kind, correlationId });
    this.#push(errorLine(id, { kind, correlationId, ...more }));
  }

  ping(): void {
    this.unansweredPings += 1;
    this.#push(pingLine);
  }

  /** Counts a frame that belongs to nothing that is held here. */
  ignoreFrame(): void {
    this.#ignored.frames += 1;
  }

  /** The line that is being read breaks a rule. After three, or one before the handshake is done, the connection ends. */
  violation(reason: string, excerpt?: string): void {
    if (this.#end) return;
    this.#violations += 1;
    const line = this.#reader.lineNumber;
    const count = this.#violations;
    const correlationId = randomUUID();
    if (this.#isStranger) {
      this.#logger.debug('protocol violation of a stranger', { reason, line });
    } else {
      this.#logger.warn('protocol violation', { reason, line, count, correlationId, excerpt: excerpt?.slice(0, 200) });
      this.#push(errorLine(null, { kind: 'protocol-violation', correlationId, line }));
    }
    if (!this.#opened || count >= allowedViolations) this.#finish(new WireError('protocol-violation', line));
  }

  close(end = new WireError('connection-lost')): void {
    this.#finish(end);
  }

  get #isStranger(): boolean {
    return this.#isSilent && !this.#opened;
  }

  #fits(line: string): boolean {
    return 3 * line.length <= this.#maxLineBytes || lineBytes(line) <= this.#maxLineBytes;
  }

  #push(line: string): void {
    if (this.#end || this.outbox.push(line)) return;
    this.#logger.error('the other end does not read; the connection is closed');
    this.#finish(new WireError('connection-lost'));
  }

  #onLine(text: string, bytes: number): void {
    const message = this.#read(text);
    if (!message) return;
    if (this.#isStranger && message.type !== 'request') this.violation('message-before-initialize');
    else if (message.type === 'notification') this.#onNotification(message.method, message.params, bytes);
    else if (message.type === 'request') this.#handler.request(message.id, message.method, message.params);
    else if (message.type === 'complaint')
      this.#complain('the other end could not read', { line: lineOf(message.data) });
    else this.#settle(message.id, message);
  }

  /** The other end decides how many there are: the operator's log is not for it to fill. */
  #complain(message: string, fields: LogFields): void {
    this.#complaints += 1;
    if (this.#complaints <= maxToldComplaints) this.#logger.warn(message, fields);
    else if (this.#complaints === maxToldComplaints + 1) this.#logger.warn('more of the same is only counted');
  }

  #read(text: string): Message | undefined {
    try {
      const message = readMessage(text);
      if (!message) this.violation('not-json-rpc', text);
      return message;
    } catch {
      this.violation('not-json', text);
      return undefined;
    }
  }

  #onNotification(method: string, params: unknown, bytes: number): void {
    if (this.#opened && method === '$/ping') {
      this.outbox.prompt(this.#pong);
    } else if (this.#opened && method === '$/pong') {
      this.unansweredPings = 0;
    } else if (!this.#handler.notification(method, params, bytes)) {
      this.#ignored.notifications += 1;
    }
  }

  /** One pong answers all pings that came since the last one went out. */
  readonly #pong = {
    due: false,
    take: (): string | undefined => {
      this.#pong.due = !this.#pong.due;
      return this.#pong.due ? pongLine : undefined;
    },
  };

  #settle(id: RequestId, reply: Reply): void {
    const settle = this.#pending.get(id);
    if (!settle) {
      this.#ignored.answers += 1;
      return;
    }
    this.#pending.delete(id);
    this.#letRun();
    settle(reply);
  }

  /** What an answer sets going runs before the next line is read: nothing overtakes an answer on this side either. */
  #letRun(): void {
    if (this.#reader.isPaused) return;
    this.#reader.pause();
    afterMicrotasks(() => this.#reader.resume());
  }

  #onTransportClosed(): void {
    if (this.#reader.isPaused) afterMicrotasks(() => this.#onTransportClosed());
    else this.#finish(new WireError('connection-lost'));
  }

  #finish(end: WireError): void {
    if (this.#end) return;
    this.#end = end;
    if (this.#reader.isUnfinished && !this.#isStranger)
      this.#logger.warn('the last line has no end', { line: this.#reader.lineNumber });
    this.#reader.stop();
    this.outbox.close();
    this.#transport.close();
    for (const id of [...this.#pending.keys()]) this.#settle(id, { type: 'lost' });
    this.#logger.debug('connection ended', {
      kind: end.kind,
      line: end.line,
      ignored: { ...this.#ignored },
      complaints: this.#complaints,
    });
    this.#resolveClosed(end);
  }
}

function lineOf(data: unknown): number | undefined {
  if (typeof data !== 'object' || data === null || !('line' in data)) return undefined;
  return typeof data.line === 'number' ? data.line : undefined;
}
