import assert from 'node:assert/strict';

import { InputId } from '../../domain/ids.js';
import type { RuntimeId } from '../../domain/ids.js';
import type { Observation, ObservedEvent } from '../../domain/observation/event.js';
import type { WorkerView } from '../../domain/observation/view.js';
import type {
  AnswerOf,
  BrowserGateway,
  Command,
  CreateCommand,
  Frame,
  OutcomeOf,
  Query,
  WorkerRef,
} from '../../ports/browser-gateway.js';
import { within } from '../within.js';
import type { BrowserGatewayHarness, GatewayUnderTest } from './harness.js';

export const newInputId = (): InputId => InputId(crypto.randomUUID());
export const words = (text: string) => [{ type: 'text', text }] as const;

type Accepted<C extends Command> = Extract<OutcomeOf<C>, { readonly outcome: 'accepted' }>;
type Answered<Q extends Query> = Extract<AnswerOf<Q>, { readonly outcome: 'answered' }>;
type EventOf<T extends ObservedEvent['type']> = Observation & { readonly event: { readonly type: T } };

/** One gateway, for one case. */
export class Stage implements AsyncDisposable {
  readonly gateway: BrowserGateway;
  readonly runtimeId: RuntimeId;
  readonly profile: string;
  readonly canaries: readonly string[];
  readonly signal: AbortSignal;
  readonly #subject: GatewayUnderTest;
  #disposed: Promise<void> | undefined;

  constructor(subject: GatewayUnderTest, { profile, canaries = [] }: BrowserGatewayHarness, signal: AbortSignal) {
    this.gateway = subject.gateway;
    this.runtimeId = subject.runtimeId;
    this.profile = profile;
    this.canaries = canaries;
    this.signal = signal;
    this.#subject = subject;
  }

  /** Disposes of the gateway, once. */
  dispose(): Promise<void> {
    this.#disposed ??= Promise.resolve(this.#subject[Symbol.asyncDispose]());
    return within(this.signal, 'the disposal of the gateway', this.#disposed);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  execute<C extends Command>(command: C): Promise<OutcomeOf<C>> {
    return within(this.signal, `the answer to ${command.type}`, this.gateway.execute(command));
  }

  async accepted<C extends Command>(command: C): Promise<Accepted<C>> {
    const outcome = await this.execute(command);
    assert.equal(outcome.outcome, 'accepted', `${command.type} answered ${JSON.stringify(outcome)}`);
    return outcome;
  }

  read<Q extends Query>(query: Q): Promise<AnswerOf<Q>> {
    return within(this.signal, `the answer to ${query.type}`, this.gateway.read(query));
  }

  async answered<Q extends Query>(query: Q): Promise<Answered<Q>> {
    const answer = await this.read(query);
    assert.equal(answer.outcome, 'answered', `${query.type} answered ${JSON.stringify(answer)}`);
    return answer;
  }

  async create(fields: Partial<CreateCommand> = {}): Promise<WorkerRef> {
    const { runtimeId, profile } = this;
    const { worker } = await this.accepted<CreateCommand>({ type: 'create', runtimeId, profile, ...fields });
    return { runtimeId, workerId: worker.workerId };
  }

  /** Gives an input that is accepted. */
  async input(worker: WorkerRef, text: string): Promise<InputId> {
    return (await this.accepted({ type: 'input', worker, parts: words(text) })).inputId;
  }

  /** The frames of a stream, for a case to pull. */
  frames(worker: WorkerRef, from?: string, signal?: AbortSignal): AsyncIterator<Frame, unknown> {
    const frames = this.gateway.observe(worker, from, { signal }) as AsyncIterable<Frame, unknown>;
    return frames[Symbol.asyncIterator]();
  }

  async next(frames: AsyncIterator<Frame, unknown>): Promise<Frame> {
    const next = await within(this.signal, 'the next frame', frames.next());
    assert.ok(!next.done, 'the stream goes on');
    return next.value;
  }

  async leave(frames: AsyncIterator<Frame, unknown>): Promise<void> {
    await within(this.signal, 'the return of a stream', Promise.resolve(frames.return?.()));
  }

  /** Observations after `from`, until one of this type. */
  async until<T extends ObservedEvent['type']>(worker: WorkerRef, type: T, from = 'start'): Promise<Observation[]> {
    const frames = this.frames(worker, from);
    const seen: Observation[] = [];
    while (!seen.some(({ event }) => event.type === type)) {
      const frame = await this.next(frames);
      assert.ok(frame.type === 'events', JSON.stringify(frame));
      seen.push(...frame.observations);
    }
    await this.leave(frames);
    return seen;
  }

  /** The first observation of this type. */
  async first<T extends ObservedEvent['type']>(worker: WorkerRef, type: T): Promise<EventOf<T>> {
    const seen = await this.until(worker, type);
    return seen.find(({ event }) => event.type === type) as EventOf<T>;
  }

  /** Gives an input that is accepted, and waits for its end. */
  async runs(worker: WorkerRef, text: string): Promise<void> {
    const { cursor } = await this.accepted({ type: 'input', worker, parts: words(text) });
    await this.until(worker, 'input-ended', cursor);
  }

  /** All that is told of a Worker. */
  async told(worker: WorkerRef): Promise<{ readonly view: WorkerView; readonly log: readonly string[] }> {
    const { worker: view } = await this.answered({ type: 'worker', worker });
    const { observations } = await this.answered({ type: 'observations', worker, limit: 500 });
    return { view, log: written(observations) };
  }

  async stopped(): Promise<WorkerRef> {
    const worker = await this.create();
    await this.accepted({ type: 'stop', worker });
    return worker;
  }
}

export const typesOf = (observations: readonly Observation[]): readonly string[] =>
  observations.map(({ event }) => event.type);

/** Observations as they are written: whatever they are made of. */
export const written = (observations: readonly Observation[]): readonly string[] =>
  observations.map((observation) => JSON.stringify(observation));
