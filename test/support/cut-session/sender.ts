import type { Answer, BrowserGateway, InputId, Observation, QuestionId, WorkerRef } from '../../../src/index.js';
import { observeUntil, ref, runtimeId, textPart } from '../runtime.js';

/** What a lost connection may make of a request (E5), told apart from what it may not. */
interface Told {
  readonly outcome: string;
  readonly code?: string;
  readonly executed?: string;
}

const isCut = ({ outcome, code }: Told): boolean => outcome === 'errored' && code === 'backend-disconnected';

/** More often than any session is cut. */
const maxTries = 100;

/** Who uses a host: asks again what was cut off, as its answers allow, and keeps account of it. */
export class Sender {
  readonly gateway: BrowserGateway;
  /** Questions whose answer was cut off. */
  readonly unheard = new Set<QuestionId>();
  /** How the stop of a Worker ended. */
  readonly ends = new Map<WorkerRef, 'stopped' | 'killed'>();
  /** How often something was cut off. */
  refusals = 0;
  readonly #settled: () => Promise<void>;

  /** `settled` resolves when the host is connected. */
  constructor(gateway: BrowserGateway, settled: () => Promise<void>) {
    this.gateway = gateway;
    this.#settled = settled;
  }

  /**
   * Creates a Worker by a key. Where nothing ran the same key may be used again; where its first input may have run the
   * same key tells the same for good, and the Worker is never seen: a new one is created by a key of its own (W5).
   */
  async create(name: string, input?: { readonly inputId: InputId; readonly text: string }): Promise<WorkerRef> {
    for (let attempt = 1, key = name; attempt <= maxTries; attempt += 1) {
      const first = input && { input: { inputId: input.inputId, parts: textPart(input.text) } };
      const command = { type: 'create', runtimeId, profile: 'play', displayName: name, idempotencyKey: key } as const;
      await this.#settled();
      const told = await this.gateway.execute({ ...command, ...first });
      if (told.outcome === 'accepted') return ref(told.worker.workerId);
      const isUnavailable = told.outcome === 'rejected' && told.code === 'backend-unavailable';
      if (!isCut(told) && !isUnavailable) throw new Error(`create: ${JSON.stringify(told)}`);
      this.refusals += 1;
      if (told.outcome === 'errored' && told.executed === 'unknown') key = `${name}-${attempt}`;
    }
    throw new Error(`create of ${name} was cut off again and again`);
  }

  /** Sends an input until it is accepted, always with the same id (W8). */
  async input(worker: WorkerRef, inputId: InputId, text: string): Promise<void> {
    await this.#until(`input ${text}`, isCut, () =>
      this.gateway.execute({ type: 'input', worker, inputId, parts: textPart(text) }),
    );
  }

  /** Answers a question until the answer is taken, or its run went on and ended without its answer being heard of. */
  async answer(worker: WorkerRef, questionId: QuestionId, answer: Answer): Promise<void> {
    const mayGoOn = (told: Told): boolean => {
      if (!isCut(told) || told.executed !== 'unknown') return false;
      this.unheard.add(questionId);
      return true;
    };
    await this.#until('answer', mayGoOn, async () => {
      const told = await this.gateway.execute({ type: 'answer', worker, questionId, answer });
      const isOver = told.outcome === 'rejected' && told.code === 'question-closed';
      return isOver && this.unheard.has(questionId) ? { outcome: 'accepted' } : told;
    });
  }

  async cancel(worker: WorkerRef, inputId: InputId): Promise<void> {
    await this.#settled();
    const told = await this.gateway.execute({ type: 'cancel', worker, inputId });
    if (told.outcome !== 'accepted' || told.end !== 'quiesced') throw new Error(`cancel: ${JSON.stringify(told)}`);
  }

  async stop(worker: WorkerRef): Promise<void> {
    await this.#settled();
    const told = await this.gateway.execute({ type: 'stop', worker });
    if (told.outcome !== 'accepted') throw new Error(`stop: ${JSON.stringify(told)}`);
    this.ends.set(worker, told.end);
  }

  /** Resolves with the last of what is asked for, once it is recorded. */
  async sees(worker: WorkerRef, type: Observation['event']['type'], inputId: InputId): Promise<Observation> {
    const is = (seen: Observation): boolean => seen.event.type === type && seen.inputId === inputId;
    const seen = (await observeUntil(this.gateway, worker, is)).at(-1);
    if (!seen) throw new Error('the stream ended');
    return seen;
  }

  async #until(what: string, mayGoOn: (told: Told) => boolean, ask: () => Promise<Told>): Promise<void> {
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      await this.#settled();
      const told = await ask();
      if (told.outcome === 'accepted') return;
      if (!mayGoOn(told)) throw new Error(`${what}: ${JSON.stringify(told)}`);
      this.refusals += 1;
    }
    throw new Error(`${what} was cut off again and again`);
  }
}
