import type { PublishRefusalCode } from '../domain/codes.js';
import type { Generation, InputId, WorkerId } from '../domain/ids.js';
import type { BackendEvent } from '../domain/observation/event.js';
import type { BackendCommand } from '../domain/worker/command.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { ExecutionExit, ObservationPublisher, PublishResult, Recorded } from '../ports/observation-publisher.js';
import { parseBackendEvent } from '../protocol/events.js';
import { bodyJson } from '../protocol/event-json.js';
import { byteLength } from './byte-length.js';
import type { RuntimeLimits } from './deadlines.js';
import type { EventTurns } from './event-turns.js';
import { newCorrelationId } from './ids.js';

/** One thing that a generation published, in its order: an event to decide on, or one that was refused at once. */
export type Published = PublishedEvent | RefusedEvent;

interface Place {
  readonly publisher: GenerationPublisher;
  readonly sequence: number;
  /** What it takes of the window. */
  readonly bytes: number;
}

export interface PublishedEvent extends Place {
  readonly event: BackendEvent;
  /** The event without its run. */
  readonly json: string;
}

interface RefusedEvent extends Place {
  readonly code: PublishRefusalCode;
}

/** Where a publisher puts what it takes: the events' lane of a mailbox. */
export interface EventLane {
  publish(entry: Published): void;
  post(command: BackendCommand): void;
  /** The input an event of that generation may name; `undecided` while nobody can tell yet. */
  inputOf(generation: Generation): InputId | undefined | 'undecided';
}

interface PublisherDependencies {
  readonly lane: EventLane;
  readonly turns: EventTurns;
  readonly limits: RuntimeLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One for everybody. */
const taken: Promise<PublishResult> = Promise.resolve(Object.freeze({ outcome: 'taken' }));

/** What one generation speaks through: order, window and the refusals that can be told at once (P1, P2). */
export class GenerationPublisher implements ObservationPublisher {
  readonly workerId: WorkerId;
  readonly generation: Generation;
  readonly #dependencies: PublisherDependencies;
  readonly #listeners: ((upTo: Recorded) => void)[] = [];
  #waiting: (() => void)[] = [];
  #sequence = 0;
  /** What was taken and is not recorded yet. */
  #events = 0;
  #bytes = 0;
  #ended: InputId | undefined;
  #closed: PublishRefusalCode | undefined;

  constructor(workerId: WorkerId, generation: Generation, dependencies: PublisherDependencies) {
    this.workerId = workerId;
    this.generation = generation;
    this.#dependencies = dependencies;
  }

  publish(published: BackendEvent): Promise<PublishResult> {
    const { lane, turns } = this.#dependencies;
    if (this.#closed) return turns.after(Promise.resolve({ outcome: 'refused', code: this.#closed }));
    const event = parseBackendEvent(published);
    const json = event ? bodyJson(event) : '';
    const bytes = byteLength(json);
    const code = this.#refusal(event, bytes);
    this.#sequence += 1;
    this.#events += 1;
    if (code || !event) return this.#refuse(code ?? 'event-invalid');
    if (event.type === 'run-ended') this.#runEnded(event);
    this.#bytes += bytes;
    lane.publish({ publisher: this, sequence: this.#sequence, bytes, event, json });
    return this.#whenRoom(turns.after(taken));
  }

  /** Its code may be one that is not shown (B5): the operator log has it in any case. */
  #runEnded({ inputId, end, code }: Extract<BackendEvent, { type: 'run-ended' }>): void {
    this.#ended = inputId;
    const { workerId, generation } = this;
    if (code !== undefined)
      this.#dependencies.logger.info('a run ended with a code', { workerId, generation, inputId, end, code });
  }

  #refuse(code: PublishRefusalCode): Promise<PublishResult> {
    const { lane, turns } = this.#dependencies;
    lane.publish({ publisher: this, sequence: this.#sequence, bytes: 0, code });
    return this.#whenRoom(turns.after(Promise.resolve({ outcome: 'refused', code })));
  }

  /** Refused events wait for room like any other: each has a place in the window until it is told of. */
  #whenRoom(result: Promise<PublishResult>): Promise<PublishResult> {
    if (this.#hasRoom()) return result;
    if (this.#isFlooded()) {
      this.#fault();
      return result;
    }
    return new Promise((resolve) => this.#waiting.push(() => resolve(result)));
  }

  #refusal(event: BackendEvent | undefined, size: number): PublishRefusalCode | undefined {
    if (!event) return 'event-invalid';
    if (size > this.#dependencies.limits.eventBytes) return 'event-too-large';
    if (event.inputId === undefined) return undefined;
    const input = this.#dependencies.lane.inputOf(this.generation);
    if (input === 'undecided') return undefined;
    return event.inputId !== input || event.inputId === this.#ended ? 'no-open-run' : undefined;
  }

  disconnect(exit: ExecutionExit): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const { lane, clock, logger } = this.#dependencies;
    const correlationId = newCorrelationId(clock);
    const { workerId, generation } = this;
    logger.info('execution disconnected', { workerId, generation, correlationId, exit });
    const isLost = (exit as ExecutionExit | undefined)?.kind === 'connection-lost';
    const reason = isLost ? 'connection-lost' : 'exited';
    this.close('stale-generation');
    lane.post({ type: 'disconnected', generation, reason, correlationId });
    return Promise.resolve();
  }

  onRecorded(listener: (upTo: Recorded) => void): void {
    this.#listeners.push(listener);
  }

  decide(inputId: InputId, isTaken: boolean): Promise<void> {
    const { generation } = this;
    if (!this.#closed) {
      this.#dependencies.lane.post({ type: 'input-decided', generation, inputId, taken: isTaken });
    }
    return Promise.resolve();
  }

  /** So much of it is appended or refused: there is room again. */
  recorded(upTo: Recorded, { events, bytes }: { readonly events: number; readonly bytes: number }): void {
    this.#events -= events;
    this.#bytes -= bytes;
    for (const listener of this.#listeners) this.#tell(listener, upTo);
    if (this.#hasRoom()) this.#wake();
  }

  /** Nothing more is taken. Who waits for room waits no longer: what was taken was taken. */
  close(code: PublishRefusalCode): void {
    this.#closed ??= code;
    this.#wake();
  }

  #tell(listener: (upTo: Recorded) => void, upTo: Recorded): void {
    try {
      listener(upTo);
    } catch (cause) {
      this.#dependencies.logger.warn('listener of a publisher threw', { workerId: this.workerId, cause });
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  #hasRoom(): boolean {
    const { windowEvents, windowBytes } = this.#dependencies.limits;
    return this.#events < windowEvents && this.#bytes < windowBytes;
  }

  #isFlooded(): boolean {
    const { windowEvents, windowBytes, eventBytes } = this.#dependencies.limits;
    return this.#events > 2 * windowEvents || this.#bytes > 2 * windowBytes + eventBytes;
  }

  #fault(): void {
    const { lane, clock, logger } = this.#dependencies;
    const correlationId = newCorrelationId(clock);
    const { workerId, generation } = this;
    logger.warn('publishes past twice its window', { workerId, generation, correlationId });
    this.close('stale-generation');
    lane.post({ type: 'generation-faulted', generation, correlationId });
  }
}
