import type { ContentBlock, RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';

import type { InputId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import type { ControlOutcome, ExecutionInput, QuestionAnswer } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type { PublishResult } from '../../../ports/observation-publisher.js';

import type { Outlet } from '../held/outlet.js';
import { Questions } from '../held/questions.js';
import type { RunEnded } from '../held/run-ended.js';
import type { AgentProgram } from './agent-program.js';
import { promptAnswer } from './messages.js';
import { askPermission, notAnswered } from './permission.js';
import { endOfAnswer, endOfError } from './run-end.js';

export interface AgentRunOptions {
  readonly program: AgentProgram;
  readonly sessionId: string;
  readonly publish: (event: BackendEvent) => Promise<PublishResult>;
  readonly logger: Logger;
  /** Called once, when nothing of it follows any more. */
  readonly onEnded: () => void;
}

const blockOf = (part: ExecutionInput['parts'][number]): ContentBlock =>
  part.type === 'text' ? part : { type: 'image', mimeType: part.mediaType, data: part.data };

/** One prompt: from its write to its one end. */
export class AgentRun {
  readonly inputId: InputId;
  /** Resolves when the prompt is with the agent, as far as this end can tell; rejects where it did not get out. */
  readonly written: Promise<void>;
  /** Resolves when the agent has ended it, or is gone. Never rejects. */
  readonly ended: Promise<void>;
  readonly #options: AgentRunOptions;
  readonly #questions: Questions;
  #isOpen = true;
  #isSilent = false;
  #cancelled: Promise<void> | undefined;

  constructor(input: ExecutionInput, options: AgentRunOptions) {
    const { program, sessionId } = options;
    this.inputId = input.inputId;
    this.#options = options;
    this.#questions = new Questions(input.inputId, options.publish);
    const written = program.written('session/prompt');
    const answered = program.agent.request('session/prompt', { sessionId, prompt: input.parts.map(blockOf) });
    // A prompt that never gets as far as the pipe is told by its answer alone.
    this.written = Promise.race([written, answered.then(() => undefined)]);
    this.ended = answered.then(
      (answer) => this.#finish(this.#endOf(answer)),
      (cause: unknown) => this.#fail(cause),
    );
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  answer(answer: QuestionAnswer): ControlOutcome {
    return this.#questions.answer(answer);
  }

  /** Who still waits for an answer asks again, under a new id, if the question was recorded before a take-over. */
  askAgain(outlet: Outlet): void {
    this.#questions.askAgain(outlet);
  }

  permit(request: RequestPermissionRequest, prompt: string, signal: AbortSignal): Promise<RequestPermissionResponse> {
    // Where there is nothing to choose from nobody can answer.
    if (!this.#isOpen || this.#cancelled || request.options.length === 0) return Promise.resolve(notAnswered);
    return askPermission(request, prompt, this.#questions.ask, signal);
  }

  /** Asks the agent to end it, and takes back what it asks. Resolves when it has ended: an agent that never does keeps whoever asked waiting. */
  cancel(how: 'aloud' | 'silently' = 'aloud'): Promise<void> {
    if (how === 'silently') this.#isSilent = true;
    const { program, sessionId, logger } = this.#options;
    this.#cancelled ??= program.agent.notify('session/cancel', { sessionId }).catch((cause: unknown) => {
      logger.debug('a cancel was not written', { cause });
    });
    const why = (): Error => new Error('the run is cancelled');
    if (this.#isSilent) this.#questions.end(why);
    else this.#questions.withdraw(why);
    return this.ended;
  }

  /** Ends it here, whatever the agent does. Resolves when its end is published. */
  abandon(): Promise<void> {
    return this.#finish({ type: 'run-ended', end: 'cancelled' });
  }

  #endOf(answer: unknown): RunEnded {
    const { data } = promptAnswer.safeParse(answer);
    if (!data) return endOfError(undefined);
    const { inputTokens, outputTokens } = data.usage ?? {};
    const spent = {
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
    };
    if (Object.keys(spent).length > 0) void this.#say({ type: 'usage', ...spent });
    return endOfAnswer(data.stopReason);
  }

  async #fail(cause: unknown): Promise<void> {
    const { logger, program } = this.#options;
    // That the agent is gone ends the run with its execution.
    if (program.isLost) return this.#close();
    if (!this.#cancelled) logger.warn('an agent answers a prompt with an error', { inputId: this.inputId, cause });
    await this.#finish(this.#cancelled ? { type: 'run-ended', end: 'cancelled' } : endOfError(cause));
  }

  async #finish(end: RunEnded): Promise<void> {
    if (!this.#isOpen) return;
    const said = this.#say(end);
    this.#close();
    await said;
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#questions.end(() => new Error('the run has ended'));
    this.#options.onEnded();
  }

  async #say(event: BackendEvent): Promise<void> {
    if (!this.#isSilent) await this.#options.publish({ ...event, inputId: this.inputId });
  }
}
