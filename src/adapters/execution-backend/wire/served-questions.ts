import { randomUUID } from 'node:crypto';

import type { InputId } from '../../../domain/ids.js';
import { QuestionId } from '../../../domain/ids.js';
import type { Answer, BackendEvent } from '../../../domain/observation/event.js';
import type { ControlResult } from '../../../protocol/ebp.js';

interface OpenQuestion {
  readonly event: BackendEvent & { readonly type: 'question-asked' };
  /** The number of the event that asked it last. */
  askedAt: number;
  /** The id under which it was asked last. */
  publicId: QuestionId;
}

/** What the author said to an answer. */
interface Answered {
  readonly result: ControlResult;
  /** The mark of the stream that it goes behind. */
  readonly after: number;
}

/** Of so many questions the answers are remembered that were taken or are under way. */
const remembered = 256;

/** The questions that an author waits for. After a take-over they are asked again, under new ids. */
export class ServedQuestions {
  readonly #open = new Map<QuestionId, OpenQuestion>();
  /** By question, as it is called on the wire, and by what it was answered. */
  readonly #given = new Map<QuestionId, Map<string, Promise<Answered>>>();

  /** An event of the author's as it goes on the wire. */
  translate(event: BackendEvent): BackendEvent {
    const question = event.type === 'question-withdrawn' ? this.#open.get(event.questionId) : undefined;
    return question ? ({ ...event, questionId: question.publicId } as BackendEvent) : event;
  }

  /** Follows what the author said. */
  follow(event: BackendEvent, number: number): void {
    if (event.type === 'question-asked') {
      this.#given.delete(event.questionId);
      this.#open.set(event.questionId, { event, askedAt: number, publicId: event.questionId });
    } else if (event.type === 'question-withdrawn') this.#open.delete(event.questionId);
    else if (event.type === 'run-ended') this.#closeOf(event.inputId);
  }

  /** The author's own id of a question. */
  #authorsId(publicId: QuestionId): QuestionId {
    for (const [questionId, question] of this.#open) if (question.publicId === publicId) return questionId;
    return publicId;
  }

  /**
   * Hands an answer to the author, under the id of its question on the wire. The same again, on whatever connection,
   * gets what it got (E5): its sender may not have heard that it was taken. A refusal is not remembered.
   */
  hand(publicId: QuestionId, answer: Answer, ask: (questionId: QuestionId) => Promise<Answered>): Promise<Answered> {
    const words = JSON.stringify(answer);
    const given = this.#givenTo(publicId);
    const known = given.get(words);
    if (known) return known;
    const questionId = this.#authorsId(publicId);
    const answered = ask(questionId).then((said) => {
      if (said.result.outcome === 'accepted') this.#open.delete(questionId);
      else given.delete(words);
      return said;
    });
    given.set(words, answered);
    return answered;
  }

  #givenTo(publicId: QuestionId): Map<string, Promise<Answered>> {
    const given = this.#given.get(publicId) ?? new Map<string, Promise<Answered>>();
    this.#given.set(publicId, given);
    const oldest = this.#given.keys().next();
    if (this.#given.size > remembered && !oldest.done) this.#given.delete(oldest.value);
    return given;
  }

  /** Whether one that was asked up to `number` is still waited for. */
  isOpenAt(number: number): boolean {
    return [...this.#open.values()].some(({ askedAt }) => askedAt <= number);
  }

  /** The questions that were asked up to `number` and are still waited for, under new ids; `ask` numbers them. */
  renew(number: number, ask: (event: BackendEvent) => number): void {
    for (const question of this.#open.values()) {
      if (question.askedAt > number) continue;
      question.publicId = QuestionId(randomUUID());
      question.askedAt = ask({ ...question.event, questionId: question.publicId });
    }
  }

  #closeOf(inputId: InputId | undefined): void {
    for (const [questionId, question] of this.#open) {
      if (question.event.inputId === inputId) this.#open.delete(questionId);
    }
  }
}
