import type { InputId } from '../../../domain/ids.js';
import { QuestionId } from '../../../domain/ids.js';
import type { Answer, BackendEvent, QuestionOption } from '../../../domain/observation/event.js';
import type { ControlOutcome, QuestionAnswer } from '../../../ports/execution-backend.js';
import type { PublishResult } from '../../../ports/observation-publisher.js';

import { turn } from '../../../ports/clock.js';

import type { Outlet } from './outlet.js';

export interface AskedQuestion {
  readonly prompt: string;
  /** With options the answer is `{ optionId }` of one of them, else `{ text }`. */
  readonly options?: readonly QuestionOption[] | undefined;
  /** RFC 3339, for showing only: `signal` is what ends a question. */
  readonly expiresAt?: string | undefined;
}

/**
 * Asks and waits for the answer. Rejects with the run's reason where the run is cancelled, and with that of `signal`
 * where it aborts: the question is then withdrawn, or `expired` if the reason is that of `AbortSignal.timeout`.
 */
export type Ask = (question: AskedQuestion, options?: { readonly signal?: AbortSignal | undefined }) => Promise<Answer>;

interface Open {
  questionId: QuestionId;
  readonly question: AskedQuestion;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

const rememberedClosed = 64;

const isTimeout = (reason: unknown): boolean =>
  reason instanceof Object && 'name' in reason && reason.name === 'TimeoutError';

/** The questions of one run. */
export class Questions {
  readonly #inputId: InputId;
  readonly #publish: (event: BackendEvent) => Promise<PublishResult>;
  readonly #open = new Map<QuestionId, Open>();
  readonly #closed: QuestionId[] = [];
  #asked = 0;
  /** Why nothing can be asked any more. */
  #over: (() => unknown) | undefined;

  constructor(inputId: InputId, publish: (event: BackendEvent) => Promise<PublishResult>) {
    this.#inputId = inputId;
    this.#publish = publish;
  }

  readonly ask: Ask = (question, { signal } = {}) =>
    new Promise<Answer>((resolve, reject) => {
      if (this.#over) return reject(this.#over());
      if (signal?.aborted) return reject(signal.reason as Error);
      const withdraw = (): void => this.#withdraw(open, signal?.reason);
      const settled = (): void => signal?.removeEventListener('abort', withdraw);
      signal?.addEventListener('abort', withdraw);
      const open: Open = {
        questionId: this.#newId(),
        question,
        resolve: (answer) => (settled(), resolve(answer)),
        reject: (reason) => (settled(), reject(reason)),
      };
      this.#tell(open);
    });

  /** After a take-over: asks what is open again, under new ids, but for questions that are still kept to be published. */
  askAgain(outlet: Outlet): void {
    for (const open of [...this.#open.values()]) {
      const isKept = outlet.keeps((event) => event.type === 'question-asked' && event.questionId === open.questionId);
      if (isKept) continue;
      this.#close(open.questionId);
      open.questionId = this.#newId();
      this.#tell(open);
    }
  }

  /** The answer is taken at once; the run goes on in a later turn, so that it cannot publish before the caller knows. */
  answer({ questionId, answer }: QuestionAnswer): ControlOutcome {
    const open = this.#open.get(questionId);
    if (!open)
      return { outcome: 'rejected', code: this.#closed.includes(questionId) ? 'question-closed' : 'question-unknown' };
    this.#close(questionId);
    void turn().then(() => open.resolve(answer));
    return { outcome: 'accepted' };
  }

  /** Takes back what is open: whoever waits is told why, and so is whoever was asked. Nothing can be asked any more. */
  withdraw(why: () => unknown): void {
    this.#over ??= why;
    for (const open of [...this.#open.values()]) this.#withdraw(open, why());
  }

  /** Nothing can be asked or answered any more; who does, or waits, is told why. */
  end(why: () => unknown): void {
    this.#over ??= why;
    for (const [questionId, open] of this.#open) {
      this.#close(questionId);
      open.reject(why());
    }
  }

  #newId(): QuestionId {
    this.#asked += 1;
    return QuestionId(`${this.#inputId}:question-${this.#asked}`);
  }

  #tell(open: Open): void {
    const { questionId } = open;
    const { prompt, options, expiresAt } = open.question;
    this.#open.set(questionId, open);
    const asked: BackendEvent = { type: 'question-asked', inputId: this.#inputId, questionId, prompt };
    void this.#publish({ ...asked, ...(options && { options }), ...(expiresAt !== undefined && { expiresAt }) }).then(
      (result) => {
        if (result.outcome === 'refused') this.#fail(questionId, new Error(`the question was refused: ${result.code}`));
      },
      (cause: unknown) => this.#fail(questionId, cause),
    );
  }

  #fail(questionId: QuestionId, reason: unknown): void {
    const open = this.#open.get(questionId);
    this.#close(questionId);
    open?.reject(reason);
  }

  #withdraw({ questionId }: Open, reason: unknown): void {
    const cause = isTimeout(reason) ? 'expired' : 'withdrawn';
    this.#fail(questionId, reason);
    void this.#publish({ type: 'question-withdrawn', inputId: this.#inputId, questionId, cause });
  }

  #close(questionId: QuestionId): void {
    if (!this.#open.delete(questionId)) return;
    this.#closed.push(questionId);
    if (this.#closed.length > rememberedClosed) this.#closed.shift();
  }
}
