import type { Generation, InputId, WorkerId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import type { ExecutionFacts } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type {
  ExecutionExit,
  ObservationPublisher,
  PublishResult,
  Recorded,
} from '../../../ports/observation-publisher.js';
import type { EventsParams } from '../../../protocol/ebp.js';
import { HostWindow } from './host-window.js';
import type { WireLimits } from './limits.js';
import { notificationLine } from './messages.js';
import type { Peer } from './peer.js';

/** How many refusals one acknowledgement carries. */
const maxRefusedPerAck = 256;
/** How many refusals may wait for an end that does not read. */
const maxUntoldRefusals = 16_384;

/** An input that was handed over and whose end has not been seen. */
export interface CurrentInput {
  readonly inputId: InputId;
  decided: boolean;
}

/** A generation of one Worker on the host's side: hands its events on in order and acknowledges what is recorded. */
export class HostWorker {
  readonly workerId: WorkerId;
  readonly generation: Generation;
  readonly publisher: ObservationPublisher;
  facts: ExecutionFacts | undefined;
  /** The input that is open or undecided, as far as this end can tell. */
  input: CurrentInput | undefined;
  /** Recover was asked on the current connection and is not answered: inputs are refused until then. */
  isResuming = false;
  /** The connection that carries it. None: it waits for the next one. */
  peer: Peer | undefined;
  readonly #logger: Logger;
  readonly #window = new HostWindow();
  /** The highest sequence that was handed on, and the next one that is due on this connection. */
  #received: number;
  #due: number;
  #recorded: number;
  /** What the other end was told on this connection. */
  #acknowledged: number;
  #refused: NonNullable<Recorded['refused']>[number][] = [];
  /** The last answer of the publisher, which gives the same one for all that it takes at once: it is heard once. */
  #published: Promise<PublishResult> | undefined;
  #isOver = false;
  #cancelWait: (() => void) | undefined;
  /** Its wait ended while it was being resumed: that is its last chance. */
  #isOverdue = false;

  constructor(publisher: ObservationPublisher, position: number, logger: Logger) {
    this.workerId = publisher.workerId;
    this.generation = publisher.generation;
    this.publisher = publisher;
    this.#logger = logger;
    this.#received = position;
    this.#due = position + 1;
    this.#recorded = position;
    this.#acknowledged = position;
    publisher.onRecorded((upTo) => this.#onRecorded(upTo));
  }

  /** The last event that is in the log: the position of a resumption. */
  get position(): number {
    return this.#recorded;
  }

  /** Its events come over this connection from now on, from the one after `position`. */
  attach(peer: Peer): void {
    this.peer = peer;
    this.#due = this.#recorded + 1;
    this.#acknowledged = this.#recorded;
    this.#refused = [];
    this.#window.restart(this.#recorded);
  }

  detach(): void {
    this.peer = undefined;
  }

  /** Its connection is lost: `lose` is called unless it is resumed in time. A wait that goes on is not begun anew. */
  wait(after: (run: () => void) => () => void, lose: () => void): void {
    if (this.#isOverdue) return lose();
    this.#cancelWait ??= after(() => {
      // The other end may hold it by now, and would go on to: the answer tells.
      if (this.isResuming) this.#isOverdue = true;
      else lose();
    });
  }

  /** It was resumed, or nobody waits for it any more. */
  stopWaiting(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#isOverdue = false;
  }

  /** Takes a line of events. What came before, on an earlier connection, is passed over. */
  take(frame: EventsParams, bytes: number, limits: WireLimits): void {
    const { sequence, events } = frame;
    const peer = this.peer;
    if (!peer) return;
    if (!this.isNext(sequence)) return peer.violation('events-not-gapless');
    const last = sequence + events.length - 1;
    if (!this.#window.admit(sequence, events.length, bytes, limits)) return peer.violation('window-exceeded');
    this.#due = last + 1;
    for (let index = Math.max(0, this.#received + 1 - sequence); index < events.length; index += 1) {
      const entry = events[index];
      if (entry) this.#publish(entry.event as BackendEvent, entry.inputId);
    }
    this.#received = Math.max(this.#received, last);
    if (this.#isOver) this.#onRecorded({ sequence: this.#received });
  }

  /** Whether nothing is missing before a frame. */
  isNext(sequence: number): boolean {
    return sequence === this.#due;
  }

  /** The last frame of the generation; it takes the next sequence, and is acknowledged like an event. */
  async takeExit(sequence: number, exit: ExecutionExit): Promise<void> {
    const { peer, workerId, generation } = this;
    await this.disconnect(exit);
    peer?.notify('$/ack', { workerId, generation, sequence });
  }

  /** What became of an input whose answer was lost with a connection (W8). */
  async decide(input: CurrentInput, taken: boolean): Promise<void> {
    if (taken) input.decided = true;
    else if (this.input === input) this.input = undefined;
    try {
      await this.publisher.decide(input.inputId, taken);
    } catch (cause) {
      this.#onFault(cause);
    }
  }

  async disconnect(exit: ExecutionExit): Promise<void> {
    this.detach();
    try {
      await this.publisher.disconnect(exit);
    } catch (cause) {
      this.#onFault(cause);
    }
  }

  /** Acknowledgements: joined until they go out, since each covers all before it. */
  readonly acknowledgements = { take: (): string | undefined => this.#takeAck() };

  #publish(event: BackendEvent & { inputId?: InputId }, inputId: InputId | undefined): void {
    if (inputId !== undefined) {
      event.inputId = inputId;
      if (inputId === this.input?.inputId) this.#follow(event.type);
    } else if ('inputId' in event) delete event.inputId;
    try {
      const published = this.publisher.publish(event);
      if (published === this.#published) return;
      this.#published = published;
      published.then(this.#onPublished, this.#onFault);
    } catch (cause) {
      this.#onFault(cause);
    }
  }

  #follow(type: string): void {
    if (type === 'run-ended') this.input = undefined;
    else if (this.input) this.input.decided = true;
  }

  /** A generation that is over records nothing any more: what comes of it is let go, so that its sender is not held. */
  readonly #onPublished = (result: PublishResult): void => {
    if (result.outcome === 'taken' || this.#isOver) return;
    if (result.code !== 'stale-generation' && result.code !== 'worker-stopped') return;
    this.#isOver = true;
    this.#onRecorded({ sequence: this.#received, refused: [{ sequence: this.#received, code: result.code }] });
  };

  readonly #onFault = (cause: unknown): void => {
    this.#logger.error('the publisher failed', { workerId: this.workerId, generation: this.generation, cause });
  };

  #onRecorded({ sequence, refused }: Recorded): void {
    if (sequence > this.#recorded) this.#recorded = sequence;
    if (refused) this.#refused.push(...refused);
    if (this.#refused.length > maxUntoldRefusals) return this.#closeUnread();
    this.#window.release(this.#recorded);
    if (this.#recorded > this.#acknowledged) this.peer?.outbox.prompt(this.acknowledgements);
  }

  #closeUnread(): void {
    this.#refused = [];
    this.#logger.error('the other end does not read what was refused; the connection is closed');
    this.peer?.close();
  }

  #takeAck(): string | undefined {
    if (!this.peer || this.#recorded <= this.#acknowledged) return undefined;
    const refused = this.#refused.splice(0, maxRefusedPerAck);
    const isLast = this.#refused.length === 0;
    const sequence = isLast ? this.#recorded : (refused.at(-1)?.sequence ?? this.#recorded);
    this.#acknowledged = sequence;
    const named = { workerId: this.workerId, generation: this.generation, sequence };
    return notificationLine('$/ack', refused.length === 0 ? named : { ...named, refused });
  }
}
