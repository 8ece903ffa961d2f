import type { Observation, QuestionId } from '../../../src/index.js';
import { LogRules } from '../log-rules.js';

/** The log of a Worker that counts, judged while it comes. */
export class CountedLog {
  readonly observations: Observation[] = [];
  /** The numbers that the latest run has said. */
  readonly said: number[] = [];
  /** How many it says it has said. */
  total: number | undefined;
  end: string | undefined;
  openQuestion: QuestionId | undefined;
  #broken: Error | undefined;
  readonly #rules = new LogRules();

  get types(): readonly string[] {
    return this.observations.map(({ event }) => event.type);
  }

  add(observation: Observation): void {
    this.observations.push(observation);
    try {
      const { at, inputId, event, sequence } = observation;
      this.#rules.observe({ type: 'observed', at, ...(inputId !== undefined && { inputId }), event }, sequence);
      this.#follow(observation);
    } catch (cause) {
      this.broke(cause);
    }
  }

  /** Throws where a rule was broken, or a number is missing or doubled. */
  check(): void {
    if (this.#broken) throw this.#broken;
  }

  /** Nothing of it counts any more: the first reason is kept. */
  broke(cause: unknown): void {
    this.#broken ??= cause instanceof Error ? cause : new Error(String(cause));
  }

  #follow({ event }: Observation): void {
    if (event.type === 'input-accepted') this.#begin();
    else if (event.type === 'input-ended') this.end = event.end;
    else if (event.type === 'question-asked') this.openQuestion = event.questionId;
    else if (event.type === 'question-closed') this.openQuestion = undefined;
    else if (event.type === 'text-delta') this.#hear(event.text);
  }

  #begin(): void {
    this.said.length = 0;
    this.total = undefined;
    this.end = undefined;
  }

  #hear(text: string): void {
    const [, total] = /^(\d+) in all$/.exec(text) ?? [];
    if (total !== undefined) this.total = Number(total);
    else for (const number of text.split(';').slice(0, -1)) this.#count(Number(number));
  }

  #count(number: number): void {
    if (number !== this.said.length) throw new Error(`R2: ${String(number)} follows ${String(this.said.length - 1)}`);
    this.said.push(number);
  }
}
