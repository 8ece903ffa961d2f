import { assertFrame, assertOutcome } from '../../src/contracts/browser-gateway/shapes.js';
import { draws } from '../../src/contracts/draws.js';
import { faultBackend } from '../../src/contracts/faults/fault-backend.js';
import type { FaultRates } from '../../src/contracts/faults/fault-options.js';
import { virtualClock } from '../../src/contracts/faults/virtual-clock.js';
import type { ObservedFact } from '../../src/domain/worker/fact.js';
import { createRuntime, generatorBackend, inMemoryLog, InputId, QuestionId, Sequence, text } from '../../src/index.js';
import type { Command, Observation, OutcomeOf, Runtime } from '../../src/index.js';
import type { WorkerRef } from '../../src/ports/browser-gateway.js';
import type { Clock } from '../../src/ports/clock.js';
import { LogRules } from './log-rules.js';
import { ref, runtimeId, textPart } from './runtime.js';

const later = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    clock.after(ms, resolve);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** Says, asks, fails or takes its time, as its input says. */
export const moodyBackend = (clock: Clock, recover: boolean) =>
  generatorBackend({
    id: 'moody',
    recover,
    clock,
    async *run({ parts: [part] }, { signal, ask }) {
      const mood = part?.type === 'text' ? part.text : '';
      yield text('begun');
      if (mood === 'fail') throw new Error('on purpose');
      if (mood === 'ask') yield text(JSON.stringify(await ask({ prompt: 'Go on?' })));
      if (mood === 'late') await later(clock, 3_000, signal);
      if (mood === 'hold') await later(clock, 86_400_000, signal);
      for (let count = 0; count < 5; count += 1) yield text(`${count}`);
    },
  });

const moods = ['say', 'say', 'fail', 'ask', 'late', 'hold'];

const faults: FaultRates = {
  kill: { probability: 0.02 },
  delay: { probability: 0.06, maxMs: 15_000 },
  drop: { probability: 0.03 },
  duplicate: { probability: 0.03 },
  reorder: { probability: 0.03 },
  'half-open': { probability: 0.01 },
  flood: { probability: 0.01, events: 120 },
  garbage: { probability: 0.04 },
};

/** A day: whatever the deadlines are, they have passed by then. */
const longestMs = 86_400_000;

/**
 * Random commands to two Workers whose backend is in trouble, beside one of the same backend that is not. Throws where
 * anything is told, logged or left open that no rule allows.
 */
export class TroubledRuntime {
  readonly #seed: number;
  readonly #draw: () => number;
  readonly #isRecoverable: boolean;
  readonly #clock = virtualClock();
  readonly #log = inMemoryLog();
  readonly #runtime: Runtime;
  readonly #backend;
  readonly #asked: { readonly command: Command; readonly answer: Promise<unknown> }[] = [];
  readonly #observers: { readonly worker: WorkerRef; readonly seen: Observation[]; readonly end: Promise<void> }[] = [];
  #inputs = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#draw = draws(seed);
    this.#isRecoverable = seed % 2 === 0;
    const clock = this.#clock;
    this.#backend = faultBackend(moodyBackend(clock, this.#isRecoverable), { seed, faults, clock, maxWorkers: 2 });
    const profiles = { moody: { label: 'Moody', backend: this.#backend } };
    const limits = { windowEvents: 32, drainMs: 600_000 };
    this.#runtime = createRuntime({ runtimeId, clock, profiles, log: this.#log, limits });
  }

  async play(): Promise<readonly string[]> {
    await this.#runtime.ready();
    const troubled = [await this.#created(), await this.#created()].filter((worker) => worker !== undefined);
    const calm = await this.#created();
    if (!calm) throw new Error('W16: a Worker that has no faults was not created');
    for (const worker of [...troubled, calm]) this.#observe(worker);
    for (let turn = 0; turn < 24; turn += 1) {
      for (const worker of troubled) await this.#command(worker);
      if (turn % 8 === 0) await this.#goesOn(calm);
    }
    await this.#answers();
    await this.#goesOn(calm);
    await this.#disposed();
    for (const worker of [...troubled, calm]) await this.#judge(worker, worker === calm);
    return this.#backend.history.map(({ fault }) => fault);
  }

  #chosen<T>(from: readonly T[]): T {
    return from[Math.floor(this.#draw() * from.length)] as T;
  }

  #ask<C extends Command>(command: C): Promise<OutcomeOf<C>> {
    const answer = this.#runtime.execute(command);
    this.#asked.push({ command, answer });
    return answer;
  }

  async #created(): Promise<WorkerRef | undefined> {
    const answer = this.#ask({ type: 'create', runtimeId, profile: 'moody' });
    const created = await this.#within('the answer to create', answer);
    return created.outcome === 'accepted' ? ref(created.worker.workerId) : undefined;
  }

  async #command(worker: WorkerRef): Promise<void> {
    const view = await this.#runtime.read({ type: 'worker', worker });
    const shown = view.outcome === 'answered' ? view.worker : undefined;
    const inputId = shown?.openInput?.inputId ?? this.#inputId(this.#inputs);
    const questionId = shown?.openQuestions[0]?.questionId ?? QuestionId('nobody-asked');
    const input = { type: 'input', worker, inputId: this.#inputId(++this.#inputs) } as const;
    const command: Command = this.#chosen<Command>([
      { ...input, parts: textPart(this.#chosen(moods)) },
      { ...input, parts: textPart(this.#chosen(moods)) },
      { type: 'input', worker, inputId, parts: textPart('say') },
      { type: 'answer', worker, questionId, answer: { text: 'yes' } },
      { type: 'cancel', worker, inputId, deadlineMs: this.#chosen([0, 500, 10_000]) },
      { type: 'reconnect', worker },
      ...(this.#draw() < 0.1 ? [{ type: 'stop', worker } as const] : []),
    ]);
    void this.#ask(command);
    if (this.#draw() < 0.03) this.#backend.mend();
    await (this.#draw() < 0.5 ? this.#clock.settle() : this.#clock.advance(this.#chosen([1, 800, 12_000])));
  }

  #inputId(count: number): InputId {
    return InputId(`00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`);
  }

  /** W16: this Worker notices nothing. */
  async #goesOn(worker: WorkerRef): Promise<void> {
    const parts = textPart('say');
    const answer = await this.#within('an undisturbed input', this.#runtime.execute({ type: 'input', worker, parts }));
    if (answer.outcome !== 'accepted') throw new Error(`W16: an undisturbed Worker answered ${JSON.stringify(answer)}`);
    await this.#within('the end of an undisturbed run', this.#idle(worker));
  }

  async #idle(worker: WorkerRef): Promise<void> {
    for await (const frame of this.#runtime.observe(worker)) {
      const isIdle = frame.type === 'snapshot' && frame.worker.status === 'idle';
      const ended = frame.type === 'events' && frame.observations.some(({ event }) => event.type === 'input-ended');
      if (isIdle || ended) return;
    }
  }

  #observe(worker: WorkerRef): void {
    const seen: Observation[] = [];
    const follow = async (): Promise<void> => {
      for await (const frame of this.#runtime.observe(worker, 'start')) {
        assertFrame(frame);
        if (frame.type === 'events') seen.push(...frame.observations);
      }
    };
    this.#observers.push({ worker, seen, end: follow() });
  }

  /** W18: everything that was asked is answered, in the closed algebra. */
  async #answers(): Promise<void> {
    for (const { command, answer } of this.#asked) {
      assertOutcome(command.type, await this.#within(`the answer to ${command.type}`, answer));
    }
  }

  async #disposed(): Promise<void> {
    await this.#within('the disposal', Promise.resolve(this.#runtime[Symbol.asyncDispose]()));
    for (const { end } of this.#observers) await this.#within('the end of a stream', end);
  }

  /** What the log holds of a Worker keeps the order of a log, and who looked saw exactly this. */
  async #judge(worker: WorkerRef, isCalm: boolean): Promise<void> {
    const { signal } = new AbortController();
    const { observations } = await this.#log.read(worker.workerId, Sequence(0), 100_000, { signal });
    const rules = new LogRules();
    const logged = observations.map(({ json }) => JSON.parse(json) as Observation);
    for (const { sequence, event, inputId } of logged)
      rules.observe({ type: 'observed', event, ...(inputId && { inputId }) } as ObservedFact, sequence);
    const open = [...rules.accepted].filter((inputId) => !rules.ended.has(inputId));
    // What can be recovered is left running when its host goes.
    if (open.length > (this.#isRecoverable ? 1 : 0)) throw new Error(`O4: ${open.join()} did not end`);
    const seen = this.#observers.find((observer) => observer.worker === worker)?.seen ?? [];
    if (JSON.stringify(seen) !== JSON.stringify(logged.slice(0, seen.length)))
      throw new Error('O7: an observer saw something else than the log holds');
    const ends = logged.flatMap(({ event }) => (event.type === 'input-ended' ? [event.end] : []));
    if (isCalm && ends.some((end) => end !== 'completed'))
      throw new Error(`W16: undisturbed runs ended ${ends.join()}`);
  }

  /** Lets time pass until it is there; nothing may take longer than a day. */
  async #within<T>(what: string, work: Promise<T>): Promise<T> {
    const waiting = { isOver: false };
    const over = (): void => void (waiting.isOver = true);
    work.then(over, over);
    for (let passedMs = 0; ; passedMs += 5_000) {
      await this.#clock.settle();
      if (waiting.isOver) return work;
      if (passedMs > longestMs) throw new Error(`W18: waited in vain for ${what} (seed ${this.#seed})`);
      await this.#clock.advance(5_000);
    }
  }
}
