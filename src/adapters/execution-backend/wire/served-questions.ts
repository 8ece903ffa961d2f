import { randomUUID } from 'node:crypto';

import type { InputId } from '../../../domain/ids.js';
import { QuestionId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';

interface OpenQuestion {
  readonly event: BackendEvent & { readonly type: 'question-asked' };
  /** The number of the event that asked it last. */
  askedAt: number;
  /** The id under which it was asked last. */
  publicId: QuestionId;
}

/** The questions that an author waits for. After a take-over they are asked again, under new ids. */
export class ServedQuestions {
  readonly #open = new Map<QuestionId, OpenQuestion>();

  /** An event of the author's as it goes on the wire. */
  translate(event: BackendEvent): BackendEvent {
    const question = event.type === 'question-withdrawn' ? this.#open.get(event.questionId) : undefined;
    return question ? ({ ...event, questionId: question.publicId } as BackendEvent) : event;
  }

  /** Follows what the author said. */
  follow(event: BackendEvent, number: number): void {
    if (event.type === 'question-asked') {
      this.#open.set(event.questionId, { event, askedAt: number, publicId: event.questionId });
    } else if (event.type === 'question-withdrawn') this.#open.delete(event.questionId);
    else if (event.type === 'run-ended') this.#closeOf(event.inputId);
  }

  /** The author's own id of a question. */
  authorsId(publicId: QuestionId): QuestionId {
    for (const [questionId, question] of this.#open) if (question.publicId === publicId) return questionId;
    return publicId;
  }

  close(questionId: QuestionId): void {
    this.#open.delete(questionId);
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
