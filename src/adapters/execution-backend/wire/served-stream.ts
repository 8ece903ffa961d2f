import { Buffer } from 'node:buffer';

import type { PublishRefusalCode } from '../../../domain/codes.js';
import type { Generation, WorkerId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import type { Position } from '../../../ports/execution-backend.js';
import type { ExecutionExit, PublishResult, Recorded } from '../../../ports/observation-publisher.js';
import type { AckParams } from '../../../protocol/ebp.js';
import { isPrivateValue, maxEventsPerLine } from '../../../protocol/ebp.js';
import { EventEntries } from './event-entry.js';
import type { KeptEvent } from './event-window.js';
import { EventWindow } from './event-window.js';
import { notificationLine } from './messages.js';
import type { LineSource } from './outbox.js';
import type { ServedLink } from './served-link.js';

/** More than the frame around the events of a line ever takes. */
const frameBytes = 192;
/** What is ready goes out before the author pauses once it is so much. */
const flushBytes = 64 * 1024;
const taken: Promise<PublishResult> = Promise.resolve({ outcome: 'taken' });
const refusedWith = (code: PublishRefusalCode): PublishResult => ({ outcome: 'refused', code });

interface Waiter {
  readonly number: number;
  readonly settle: (result: PublishResult) => void;
}

export interface AnswerOptions {
  /** Goes also while the window is full: the other end acknowledges nothing before it has this answer. */
  readonly isOpening: boolean;
  readonly onSent: () => void;
  /** The mark that it goes behind. By default, everything that was said. */
  readonly after?: number | undefined;
}

/** An answer that waits for what was published before it (E4). */
interface DueAnswer extends AnswerOptions {
  readonly after: number;
  readonly line: string;
}

/** Where a stream begins. */
export interface StreamBegin {
  /** Under which it is known to the host. */
  readonly generation: Generation;
  /** The last event that the host had recorded before. */
  readonly position: Position;
  /** How many the author had said under its generation before. */
  readonly authored: number;
}

/** What one execution says, in order: events, its exit, and the answers that must not overtake them. */
export class ServedStream implements LineSource {
  readonly #workerId: WorkerId;
  readonly #window = new EventWindow();
  readonly #entries = new EventEntries();
  /** The generation of the numbering, and what was added before each generation's number 1. */
  #generation: Generation;
  #bases = new Map<number, number>();
  #link: ServedLink | undefined;
  #limits: ServedLink['limits'];
  #waiters: Waiter[] = [];
  #answers: DueAnswer[] = [];
  #authored = 0;
  #recorded = 0;
  #listeners: ((upTo: Recorded) => void)[] = [];
  #over: PublishRefusalCode | undefined;
  #exit: ExecutionExit | undefined;
  #isExitSent = false;
  readonly #onExitAcknowledged: () => void;

  constructor(workerId: WorkerId, begin: StreamBegin, link: ServedLink, onExitAcknowledged: () => void) {
    const { generation, position, authored } = begin;
    this.#workerId = workerId;
    this.#generation = generation;
    this.#bases.set(generation, 0).set(position.generation, -position.sequence);
    this.#authored = authored;
    this.#link = link;
    this.#limits = link.limits;
    this.#onExitAcknowledged = onExitAcknowledged;
  }

  /** How many events were added since the execution is served here. */
  get added(): number {
    return this.#window.added;
  }

  get isOver(): boolean {
    return this.#over !== undefined || this.#exit !== undefined;
  }

  /** Whether more was published than an author who waits for room can have published. */
  get isOverrun(): boolean {
    return this.#window.isOverrun(this.#limits);
  }

  /** Adds an event; `undefined` where it can be sent, or the reason why not. */
  add(event: BackendEvent, isAuthored: boolean): PublishRefusalCode | undefined {
    if (this.#over) return this.#over;
    if (this.#exit) return 'stale-generation';
    const json = this.#entries.encode(event);
    if (json === undefined) return 'event-invalid';
    const bytes = Buffer.byteLength(json);
    if (bytes + frameBytes > this.#limits.maxLineBytes) return 'event-too-large';
    if (isAuthored) this.#authored += 1;
    this.#window.add({ json, bytes, authored: isAuthored ? this.#authored : 0 });
    this.#link?.peer.outbox.events(this);
    if (this.#window.unsentBytes >= flushBytes) this.#link?.peer.outbox.flush();
    return undefined;
  }

  /** Resolves when there is room for the next event (P2). */
  room(): Promise<PublishResult> {
    if (this.#window.hasRoom(this.#limits)) return taken;
    return new Promise((settle) => this.#waiters.push({ number: this.#window.added, settle }));
  }

  onRecorded(listener: (upTo: Recorded) => void): void {
    this.#listeners.push(listener);
  }

  /** Nothing is taken any more; what was taken still goes out. */
  close(): void {
    this.#over ??= 'stale-generation';
    this.#release(refusedWith('stale-generation'));
  }

  /** The last frame of the generation. */
  exit(exit: ExecutionExit): void {
    if (this.isOver) return;
    this.#exit = exit;
    this.#release(refusedWith('stale-generation'));
    this.#link?.peer.outbox.events(this);
  }

  /** Where the stream stands: an answer with this mark goes behind what was said by now, and before what follows. */
  get mark(): number {
    return this.#window.added + (this.#exit ? 1 : 0);
  }

  answer(link: ServedLink, line: string, { isOpening, onSent, after = this.mark }: AnswerOptions): void {
    if (link !== this.#link || this.#said >= after) {
      link.peer.answer(line);
      onSent();
      return;
    }
    this.#answers.push({ after, line, isOpening, onSent });
    link.peer.outbox.events(this);
  }

  /** The connection is gone, and whoever waits on it was told so. */
  detach(): void {
    this.#link = undefined;
    const answers = this.#answers;
    this.#answers = [];
    for (const { onSent } of answers) onSent();
  }

  /** Nothing more is said of this execution; who still waits for an answer gets it. */
  abandon(): void {
    const link = this.#link;
    for (const { line } of this.#answers) link?.peer.answer(line);
    this.detach();
  }

  get generation(): Generation {
    return this.#generation;
  }

  /** What stands at a position of this or an earlier generation, where everything after it is still kept. */
  numberAt({ generation, sequence }: { readonly generation: number; readonly sequence: number }): number | undefined {
    const base = this.#bases.get(generation);
    if (base === undefined) return undefined;
    const number = base + sequence;
    return number >= this.#window.acknowledged && number <= this.#window.added ? number : undefined;
  }

  /** How many events the author had said up to `number`. `undefined`: of those that follow, some are not the author's. */
  authoredAt(number: number): number | undefined {
    const following = this.#window.after(number);
    if (following.some(({ authored }) => authored === 0)) return undefined;
    return this.#authored - following.length;
  }

  /** Whether what is kept after `number` can be sent over a connection with such lines. */
  fits(link: ServedLink): boolean {
    return this.#window.largest + frameBytes <= link.limits.maxLineBytes;
  }

  /** Goes on over a new connection, after `number`. Under a higher generation the numbering starts from 1 there. */
  follow(link: ServedLink, generation: Generation, number: number): void {
    this.#acknowledge(number);
    this.#window.rewind();
    this.#isExitSent = false;
    if (generation !== this.#generation) this.#bases.set(generation, number);
    this.#generation = generation;
    this.#link = link;
    this.#limits = link.limits;
    link.peer.outbox.events(this);
  }

  acknowledge({ generation, sequence, refused }: AckParams, link: ServedLink): void {
    if (link !== this.#link || generation !== this.#generation) return link.peer.ignoreFrame();
    const number = (this.#bases.get(generation) ?? 0) + sequence;
    if (number > this.#said) return link.peer.violation('ack-of-unsent');
    for (const { code } of refused ?? []) {
      if (code === 'stale-generation' || code === 'worker-stopped') this.#over ??= code;
    }
    this.#acknowledge(Math.min(number, this.#window.added), sequence, refused);
    if (this.#over) this.#release(refusedWith(this.#over));
    for (const earlier of this.#bases.keys()) if (earlier < generation) this.#bases.delete(earlier);
    if (this.#exit && number > this.#window.added) this.#onExitAcknowledged();
    else link.peer.outbox.events(this);
  }

  take(): string | undefined {
    if (!this.#link) return undefined;
    const text = this.#takeEvents() + this.#takeExit() + this.#takeAnswers();
    return text === '' ? undefined : text;
  }

  /** How much of events and exit is on the wire. */
  get #said(): number {
    return this.#window.sent + (this.#isExitSent ? 1 : 0);
  }

  #takeEvents(): string {
    const window = this.#window;
    const first = window.sent + 1 - (this.#bases.get(this.#generation) ?? 0);
    const entries: string[] = [];
    let bytes = frameBytes;
    let next: KeptEvent | undefined;
    const end = this.#answers[0]?.after ?? Number.POSITIVE_INFINITY;
    while (entries.length < maxEventsPerLine && window.sent < end && (next = window.next(this.#limits))) {
      bytes += next.bytes + 1;
      if (bytes > this.#limits.maxLineBytes && entries.length > 0) break;
      entries.push(next.json);
      window.markSent(next);
    }
    if (entries.length === 0) return '';
    return `{"jsonrpc":"2.0","method":"worker/events","params":{"workerId":"${this.#workerId}","generation":${this.#generation},"sequence":${first},"events":[${entries.join(',')}]}}\n`;
  }

  #takeExit(): string {
    if (!this.#exit || this.#isExitSent || this.#window.sent < this.#window.added) return '';
    this.#isExitSent = true;
    const sequence = this.#window.added + 1 - (this.#bases.get(this.#generation) ?? 0);
    const exit = this.#exit.kind === 'connection-lost' ? { kind: 'unknown' } : this.#exit;
    return notificationLine('worker/exited', {
      workerId: this.#workerId,
      generation: this.#generation,
      sequence,
      exit,
    });
  }

  #takeAnswers(): string {
    let text = '';
    let answer = this.#answers[0];
    while (answer && (this.#said >= answer.after || (answer.isOpening && !this.#window.next(this.#limits)))) {
      text += answer.line;
      this.#answers.shift();
      answer.onSent();
      answer = this.#answers[0];
    }
    return text;
  }

  #acknowledge(number: number, sequence = 0, refused: AckParams['refused'] = []): void {
    const before = this.#window.acknowledged;
    if (number <= before) return;
    const dropped = this.#window.acknowledge(number);
    const refusals: { number: number; authored: number; code: PublishRefusalCode }[] = [];
    for (const refusal of refused) {
      const refusedNumber = number - sequence + refusal.sequence;
      const event = dropped[refusedNumber - before - 1];
      if (!event || isPrivateValue(refusal.code)) continue;
      refusals.push({ number: refusedNumber, authored: event.authored, code: refusal.code as PublishRefusalCode });
    }
    for (const { number: refusedNumber, code } of refusals) {
      const waiter = this.#waiters.find((one) => one.number === refusedNumber);
      waiter?.settle(refusedWith(code));
    }
    if (this.#window.hasRoom(this.#limits)) this.#release({ outcome: 'taken' });
    this.#tell(dropped, refusals);
  }

  #tell(dropped: readonly KeptEvent[], refusals: readonly { authored: number; code: PublishRefusalCode }[]): void {
    const last = dropped.reduce((highest, event) => Math.max(highest, event.authored), 0);
    if (last <= this.#recorded) return;
    this.#recorded = last;
    const refused = refusals
      .filter(({ authored }) => authored > 0)
      .map(({ authored, code }) => ({ sequence: authored, code }));
    for (const listener of this.#listeners)
      listener(refused.length > 0 ? { sequence: last, refused } : { sequence: last });
  }

  #release(result: PublishResult): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { settle } of waiters) settle(result);
  }
}
