import assert from 'node:assert/strict';

import type { Part } from '../../domain/observation/event.js';
import type { CaseCall } from '../contract-case.js';
import { turn } from '../turn.js';
import { within } from '../within.js';
import { defaultProfile, type ExecutionBackendHarness, type HarnessInputs, type WireUnderTest } from './harness.js';
import { inputsOf, newInputId, newWorkerId } from './stage.js';
import type { HeardEvent, HeardStream, WireLimits, WireMessage, WirePeerOptions, WireResult } from './wire-peer.js';
import { defaultLimits, WirePeer } from './wire-peer.js';

export interface OpenOptions extends WirePeerOptions {
  readonly limits?: Partial<WireLimits>;
  /** How long executions outlive the connection. 0. */
  readonly graceMs?: number;
}

/** Of two limits the smaller counts. */
const smaller = (own: WireLimits, offered: Partial<WireLimits>): WireLimits => ({
  maxLineBytes: Math.min(own.maxLineBytes, offered.maxLineBytes ?? own.maxLineBytes),
  windowEvents: Math.min(own.windowEvents, offered.windowEvents ?? own.windowEvents),
  windowBytes: Math.min(own.windowBytes, offered.windowBytes ?? own.windowBytes),
});

export const initializeParams = ({ limits, graceMs = 0 }: OpenOptions = {}): object => ({
  protocolVersions: [1],
  host: { name: 'contract', version: '1' },
  limits: { ...defaultLimits, ...limits },
  graceMs,
});

/** One backend behind its wire, for one case. */
export class WireStage {
  readonly harness: ExecutionBackendHarness;
  readonly inputs: Required<HarnessInputs>;
  readonly #backend: WireUnderTest;
  readonly #call: CaseCall;

  constructor(backend: WireUnderTest, harness: ExecutionBackendHarness, call: CaseCall) {
    this.#backend = backend;
    this.#call = call;
    this.harness = harness;
    this.inputs = inputsOf(harness);
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** Milliseconds that the backend gets for what has a deadline of its own. */
  get deadlineMs(): number {
    return 2_000 * (this.harness.timing ?? 1);
  }

  get profile(): { readonly name: string; readonly options: unknown } {
    return this.harness.profile ?? defaultProfile;
  }

  /** A connection on which nobody has spoken. */
  async connect(options: WirePeerOptions = {}): Promise<WirePeer> {
    const connection = await within(this.signal, 'a connection from the harness', this.#backend.connect());
    return new WirePeer(connection, this.#call, options);
  }

  /** A connection whose handshake is done. `limits` of it are those that were agreed on. */
  async open(options: OpenOptions = {}): Promise<WirePeer> {
    const peer = await this.connect(options);
    const { limits } = await peer.result('initialize', initializeParams(options));
    peer.limits = smaller({ ...defaultLimits, ...options.limits }, limits ?? {});
    peer.notify('initialized', {});
    return peer;
  }

  /** A Worker that is connected, on a connection of its own unless one is given. */
  async worker(options: OpenOptions = {}, peer?: WirePeer, generation = 1): Promise<WireWorker> {
    const worker = new WireWorker(this, peer ?? (await this.open(options)), newWorkerId(), generation);
    const { outcome } = await worker.spawn();
    assert.equal(outcome, 'connected', 'spawn answers connected');
    return worker;
  }
}

/** A Worker of the backend under test, called by its name over one connection. */
export class WireWorker {
  readonly stage: WireStage;
  readonly peer: WirePeer;
  readonly workerId: string;
  readonly generation: number;
  /** What its spawn was answered with. */
  facts: WireResult = {};

  constructor(stage: WireStage, peer: WirePeer, workerId: string, generation: number) {
    this.stage = stage;
    this.peer = peer;
    this.workerId = workerId;
    this.generation = generation;
  }

  /** The same Worker over another connection, or under another generation. */
  at(peer: WirePeer, generation = this.generation): WireWorker {
    const other = new WireWorker(this.stage, peer, this.workerId, generation);
    other.facts = this.facts;
    return other;
  }

  named(more: object = {}): object {
    return { workerId: this.workerId, generation: this.generation, ...more };
  }

  request(method: string, more: object = {}): Promise<WireMessage> {
    return this.peer.request(method, this.named(more));
  }

  result(method: string, more: object = {}): Promise<WireResult> {
    return this.peer.result(method, this.named(more));
  }

  async spawn(profile: object = this.stage.profile): Promise<WireResult> {
    this.facts = await this.result('worker/spawn', { profile });
    return this.facts;
  }

  input(parts: readonly Part[], inputId: string = newInputId()): Promise<WireResult> {
    return this.result('worker/input', { inputId, parts });
  }

  cancel(inputId: string): Promise<WireResult> {
    return this.result('worker/cancel', { inputId, deadlineMs: this.stage.deadlineMs });
  }

  stop(graceMs = this.stage.deadlineMs): Promise<WireResult> {
    return this.result('worker/stop', { graceMs });
  }

  recover(
    position: { readonly generation: number; readonly sequence: number },
    more: object = {},
  ): Promise<WireResult> {
    const { recoverState } = this.facts;
    const { deadlineMs } = this.stage;
    return this.result('worker/recover', { recoverState, position, deadlineMs, ...more });
  }

  /** Sends an input that is to be accepted. */
  async begin(parts: readonly Part[]): Promise<string> {
    const inputId = newInputId();
    assert.equal((await this.input(parts, inputId)).outcome, 'accepted', 'the input is accepted');
    return inputId;
  }

  /** Sends an input that is to be accepted, and waits for its first event. */
  async running(parts: readonly Part[]): Promise<string> {
    const inputId = await this.begin(parts);
    await this.event((heard) => heard.inputId === inputId, 'the first event of a run');
    return inputId;
  }

  async ended(inputId: string): Promise<HeardEvent> {
    return this.event((heard) => heard.inputId === inputId && heard.event.type === 'run-ended', 'run-ended');
  }

  /** Runs an input that completes: the Worker still takes one. */
  async completes(): Promise<string> {
    const inputId = await this.begin(this.stage.inputs.completes());
    const { event } = await this.ended(inputId);
    assert.equal(event['end'], 'completed', 'the Worker takes an input and completes it');
    return inputId;
  }

  /** The first event of all that fits. */
  async event(fits: (heard: HeardEvent) => boolean, what: string): Promise<HeardEvent> {
    const { events } = this;
    let index = 0;
    await this.peer.until(() => {
      while (index < events.length && !fits(events[index] as HeardEvent)) index += 1;
      return index < events.length;
    }, what);
    return events[index] as HeardEvent;
  }

  get stream(): HeardStream {
    return this.peer.stream(this.workerId, this.generation);
  }

  get events(): readonly HeardEvent[] {
    return this.stream.events;
  }

  eventsOf(inputId: string): readonly HeardEvent[] {
    return this.events.filter((heard) => heard.inputId === inputId);
  }

  /** Acknowledges everything that was heard, or everything up to `sequence`. */
  acknowledge(sequence = this.events.at(-1)?.sequence ?? 0, more: object = {}): void {
    this.peer.acknowledge(this.workerId, this.generation, sequence, more);
  }

  /** From now on it acknowledges everything, what was heard first. */
  goOn(): void {
    this.peer.acknowledges = true;
    this.acknowledge();
  }

  /** The backend has answered others meanwhile: what it was about to say on this connection, wrongly, it has said. */
  async meanwhile(): Promise<void> {
    for (let count = 0; count < 4; count += 1) {
      await this.peer.request('worker/stop', { workerId: newWorkerId(), generation: 1, graceMs: 0 });
      await turn();
    }
  }

  /** Numbers are gapless from `first`, and nothing came twice. */
  assertGapless(first = 1): void {
    const wrong = this.events.findIndex(({ sequence }, index) => sequence !== first + index);
    const found = this.events[wrong]?.sequence;
    assert.equal(wrong, -1, `event ${wrong + 1} has the number ${found}, not ${first + wrong}`);
  }
}
