import type { InputId, QuestionId } from '../../src/domain/ids.js';
import { authorOf } from '../../src/domain/observation/event.js';
import type { Observation } from '../../src/domain/observation/event.js';
import type { PublicStatus } from '../../src/domain/observation/view.js';
import type { ObservedFact } from '../../src/domain/worker/fact.js';

/** The rules of a Worker's log, judged one observation after the other, knowing nothing of the decider. */
export class LogRules {
  readonly accepted = new Set<InputId>();
  readonly ended = new Set<InputId>();
  sequence = 0;
  status: PublicStatus | 'absent' = 'absent';
  /** The generation that is connected: what a backend says now, it says in this one. */
  connected: number | undefined;
  open: InputId | undefined;
  #highest = 0;
  readonly #asked = new Set<QuestionId>();

  observe(fact: ObservedFact, sequence: number): void {
    this.#claim(sequence === this.sequence + 1, `O7: ${String(sequence)} follows ${String(this.sequence)}`);
    this.sequence = sequence;
    const { event, inputId } = fact;
    this.#claim((sequence === 1) === (event.type === 'worker-created'), 'O1: worker-created is first, once');
    this.#claim(this.status !== 'stopped', `O1: ${event.type} after worker-stopped`);
    if (authorOf[event.type] === 'backend') {
      this.#claim(this.connected !== undefined, `O2: ${event.type} while nothing is connected`);
    }
    if (inputId !== undefined && event.type !== 'input-accepted') {
      this.#claim(this.accepted.has(inputId), `O3: ${event.type} before its input-accepted`);
      this.#claim(!this.ended.has(inputId), `O4: ${event.type} after its input-ended`);
      this.#claim(this.open === inputId, `O5: ${event.type} of a run that is not open`);
    }
    this.#follow(fact);
  }

  #follow({ event, inputId }: ObservedFact): void {
    switch (event.type) {
      case 'worker-created':
        this.status = 'unconnected';
        return;
      case 'execution-connecting':
        this.#claim(event.generation > this.#highest, 'W15: generations grow');
        this.#highest = event.generation;
        this.connected = undefined;
        this.status = 'connecting';
        return;
      case 'execution-connected':
        this.#claim(event.generation >= this.#highest, 'W15: generations grow');
        this.#claim(this.connected === undefined, 'O2: connected twice');
        this.#highest = event.generation;
        this.connected = event.generation;
        this.status = this.open === undefined ? 'idle' : 'busy';
        return;
      case 'execution-disconnected':
        this.#claim(this.open === undefined, 'O4: disconnected while a run is open');
        this.connected = undefined;
        if (this.status !== 'stopping') this.status = 'unconnected';
        return;
      case 'input-accepted':
        this.#claim(inputId !== undefined && !this.accepted.has(inputId), 'W8: accepted twice');
        this.#claim(this.connected !== undefined, 'W1: accepted while nothing is connected');
        this.#claim(this.open === undefined, 'O5: runs overlap');
        if (inputId) this.accepted.add(inputId);
        this.open = inputId;
        if (this.status !== 'stopping') this.status = 'busy';
        return;
      case 'input-ended':
        this.#claim(inputId !== undefined, 'O4: an end names its input');
        this.#claim(this.#asked.size === 0, 'O6: an input ended before its questions');
        if (inputId) this.ended.add(inputId);
        this.open = undefined;
        if (this.status === 'busy') this.status = 'idle';
        return;
      case 'question-asked':
        this.#claim(inputId !== undefined, 'W17: a question belongs to an input');
        this.#claim(!this.#asked.has(event.questionId), 'O6: asked twice');
        this.#asked.add(event.questionId);
        return;
      case 'question-closed':
        this.#claim(inputId !== undefined, 'W17: a question belongs to an input');
        this.#claim(this.#asked.delete(event.questionId), 'O6: closed without being open');
        return;
      case 'worker-stopping':
        this.status = 'stopping';
        return;
      case 'worker-stopped':
        this.#claim(this.open === undefined, 'O4: stopped while a run is open');
        this.#claim(this.status === 'stopping', 'O1: stopped without stopping');
        this.status = 'stopped';
        return;
      default:
        return;
    }
  }

  #claim(holds: boolean, rule: string): void {
    if (!holds) throw new Error(rule);
  }
}

/** Throws for the first observation that breaks a rule. The log is there from its start. */
export function judge(log: readonly Observation[]): LogRules {
  const rules = new LogRules();
  for (const { event, inputId, sequence } of log) rules.observe({ event, inputId } as ObservedFact, sequence);
  return rules;
}
