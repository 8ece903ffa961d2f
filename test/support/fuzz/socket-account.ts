import { parseCursor } from '../../../src/domain/observation/cursor.js';
import type { SocketMessage, SocketRequest } from '../../../src/protocol/browser-socket.js';
import { socketMessageSchema, socketRequestSchema } from '../../../src/protocol/browser-socket.js';

type Told<Type extends SocketMessage['type']> = Extract<SocketMessage, { readonly type: Type }>;

/** What was asked and told under one id. */
interface Line {
  subscribes: number;
  unsubscribes: number;
  answers: number;
  isOpen: boolean;
  /** Where its first frame may begin; `snapshot` is one of them. */
  readonly starts: Set<number | 'snapshot'>;
  /** What its next frame has to be; `undefined`: any of `starts`. */
  next: number | undefined;
  /** A gap up to here was told: a snapshot follows, of no earlier time. */
  gapTo: number | undefined;
}

const sequenceOf = (cursor: string): number => parseCursor(cursor)?.sequence ?? NaN;

export function requestIn(text: string): SocketRequest | undefined {
  try {
    return socketRequestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Keeps account of one socket: what its client says is noted, what the server says has to fit it. Throws where a
 * message has another form than the protocol's, comes where it may not, or leaves out or repeats an event.
 */
export class SocketAccount {
  readonly #lines = new Map<string, Line>();
  #isFirst = true;
  /** Messages of the client that have to be answered by a problem without an id. */
  #refusable = 0;
  #refused = 0;
  #pings = 0;
  #pongs = 0;

  /** A text message was sent. `isKnown`: it is authenticated already. */
  said(text: string): void {
    const request = requestIn(text);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst && request?.type === 'authenticate') return;
    if (!request || request.type === 'authenticate') {
      this.#refusable += 1;
      return;
    }
    if (request.type === 'ping') {
      this.#pings += 1;
      return;
    }
    const line = this.#line(request.id);
    if (request.type === 'unsubscribe') line.unsubscribes += 1;
    else {
      line.subscribes += 1;
      const { after } = request;
      line.starts.add(after === undefined ? 'snapshot' : after === 'start' ? 1 : sequenceOf(after) + 1);
    }
  }

  /** A message of bytes was sent. */
  saidBytes(): void {
    this.#refusable += 1;
  }

  /** Whether everything is answered that has an answer of its own. */
  get isAnswered(): boolean {
    const lines = [...this.#lines.values()];
    const isPlain = ({ subscribes, unsubscribes }: Line): boolean => subscribes === 1 && unsubscribes === 0;
    return (
      this.#refused >= this.#refusable &&
      this.#pongs === this.#pings &&
      lines.every((line) => !isPlain(line) || line.answers > 0)
    );
  }

  told(text: string): SocketMessage {
    const message = socketMessageSchema.parse(JSON.parse(text));
    if (message.type === 'problem') this.#problem(message);
    else if (message.type === 'pong') this.#pong();
    else this.#frame(message);
    return message;
  }

  #pong(): void {
    this.#pongs += 1;
    if (this.#pongs > this.#pings) throw new Error('a pong too many');
  }

  #line(id: string): Line {
    const known = this.#lines.get(id);
    if (known) return known;
    const line: Line = {
      ...{ subscribes: 0, unsubscribes: 0, answers: 0, isOpen: false },
      ...{ starts: new Set<number | 'snapshot'>(), next: undefined, gapTo: undefined },
    };
    this.#lines.set(id, line);
    return line;
  }

  #problem({ id, code }: Told<'problem'>): void {
    if (code === 'internal') throw new Error('a defect');
    if (id === undefined) {
      this.#refused += 1;
      const repeated = [...this.#lines.values()].reduce((sum, line) => sum + Math.max(0, line.subscribes - 1), 0);
      if (this.#refused > this.#refusable + repeated) throw new Error('a problem too many');
      return;
    }
    const line = this.#line(id);
    if (!line.isOpen) this.#answered(line, id);
    line.isOpen = false;
  }

  #answered(line: Line, id: string): void {
    line.answers += 1;
    if (line.answers > line.subscribes) throw new Error(`more answers than subscriptions: ${id}`);
  }

  #frame(message: Exclude<SocketMessage, Told<'problem'> | Told<'pong'>>): void {
    const { id } = message;
    const line = this.#line(id);
    if (message.type === 'subscribed') {
      if (line.isOpen && line.unsubscribes === 0) throw new Error(`subscribed twice: ${id}`);
      this.#answered(line, id);
      Object.assign(line, { isOpen: true, next: undefined, gapTo: undefined });
      return;
    }
    if (!line.isOpen) throw new Error(`${message.type} of what is not subscribed: ${id}`);
    if (message.type === 'end') line.isOpen = false;
    if (message.type === 'snapshot') this.#snapshot(line, message);
    if (message.type === 'events') this.#events(line, message);
    if (message.type === 'gap') this.#gap(line, message);
  }

  #begins(line: Line, at: number | 'snapshot'): boolean {
    return line.next === undefined ? line.starts.has(at) : line.next === at;
  }

  #snapshot(line: Line, { id, cursor, transcript }: Told<'snapshot'>): void {
    const sequence = sequenceOf(cursor);
    const isFresh = line.gapTo === undefined ? this.#begins(line, 'snapshot') : sequence >= line.gapTo;
    if (!isFresh || transcript.length > 50) throw new Error(`a snapshot where none may be: ${id}`);
    Object.assign(line, { next: sequence + 1, gapTo: undefined });
  }

  #events(line: Line, { id, observations }: Told<'events'>): void {
    const first = observations[0]?.sequence ?? NaN;
    if (line.gapTo !== undefined || !this.#begins(line, first)) {
      throw new Error(`${id} goes on at ${first}, not at ${line.next ?? [...line.starts].join(' or ')}`);
    }
    for (const [index, { sequence, cursor }] of observations.entries()) {
      if (sequence !== first + index || sequenceOf(cursor) !== sequence) throw new Error(`${id} has a hole`);
    }
    line.next = first + observations.length;
  }

  #gap(line: Line, { id, from, to }: Told<'gap'>): void {
    if (line.gapTo !== undefined || !this.#begins(line, from) || to < from) throw new Error(`a wrong gap: ${id}`);
    line.gapTo = to;
  }
}
