import type { WorkerId } from '../domain/ids.js';
import { workerView } from '../domain/observation/view.js';
import type { WorkerView } from '../domain/observation/view.js';
import type { Errored } from '../domain/outcome.js';
import { rejected } from '../domain/outcome.js';
import type { Reply } from '../domain/worker/decision.js';
import { isVisible } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import type { CallOptions, Command, CreateCommand, InputCommand, OutcomeOf } from '../ports/browser-gateway.js';
import type { Catalog } from './catalog.js';
import { answerForm, inputForm, isCallerMs } from './command-form.js';
import { Creations } from './creations.js';
import type { Mailbox } from './mailbox.js';
import type { ResolvedOptions } from './options.js';
import { proposed } from './proposed-input.js';

type WorkerCommand = Exclude<Command, CreateCommand>;

/** Ids that this Runtime gave before it asked. */
export interface Minted {
  /** Of the Worker that a create makes. */
  readonly workerId?: WorkerId | undefined;
  /** The input's id is one: nobody was asked with it before. */
  readonly isNewInput?: boolean | undefined;
}

/** What a caller asks of Workers: found or not, of the right form, handed to the mailbox, shown. */
export class Commands {
  readonly creations: Creations;
  readonly #options: ResolvedOptions;
  readonly #catalog: Catalog;

  constructor(options: ResolvedOptions, catalog: Catalog) {
    this.#options = options;
    this.#catalog = catalog;
    this.creations = new Creations(options, catalog, (mailbox) => this.#view(mailbox));
  }

  async execute(command: Command, { principal }: CallOptions, minted: Minted = {}): Promise<OutcomeOf<Command>> {
    const outcome = await (command.type === 'create'
      ? this.creations.create(command, principal, minted.workerId)
      : this.#ask(command, principal, minted.isNewInput));
    if (outcome.outcome === 'errored') this.#report(command, outcome);
    return outcome;
  }

  /** Whoever shows the operator a correlation id is to find what was asked under it (B2). */
  #report(command: Command, { code, executed, correlationId }: Errored): void {
    const named = command.type === 'create' ? { profile: command.profile } : { workerId: command.worker.workerId };
    this.#options.logger.warn('errored', { correlationId, operation: command.type, ...named, code, executed });
  }

  #ask(
    command: WorkerCommand,
    principal: Principal | undefined,
    isNewInput: boolean | undefined,
  ): Promise<OutcomeOf<Command>> | OutcomeOf<Command> {
    const mailbox = this.#catalog.find(command.worker.workerId, principal);
    if (!mailbox) return command.type === 'delete' ? { outcome: 'accepted' } : rejected('worker-unknown');
    const deadlines = this.#catalog.deadlinesOf(mailbox.state.profile);
    switch (command.type) {
      case 'input':
        return this.#input(command, mailbox, isNewInput);
      case 'answer': {
        const answer = answerForm(command.answer);
        if ('refusal' in answer) return answer.refusal;
        return mailbox.ask({ type: 'answer', questionId: command.questionId, answer: answer.value });
      }
      case 'cancel': {
        const { inputId, deadlineMs = deadlines.cancelMs } = command;
        if (!isCallerMs(deadlineMs)) return rejected('request-invalid');
        return mailbox.ask({ type: 'cancel', inputId, deadlineMs });
      }
      case 'reconnect': {
        const profile = this.#options.profiles.get(mailbox.state.profile);
        const binding = profile ? this.#catalog.bindingOf(profile) : null;
        return this.#shown(mailbox, mailbox.ask({ type: 'reconnect', binding }));
      }
      case 'stop': {
        const { graceMs = deadlines.stopGraceMs } = command;
        if (!isCallerMs(graceMs)) return rejected('request-invalid');
        const settleMs = deadlines.stopSettleMs;
        return this.#shown(mailbox, mailbox.ask({ type: 'stop', cause: 'user', graceMs, settleMs }));
      }
      case 'delete':
        return this.#delete(mailbox);
    }
  }

  #input(command: InputCommand, mailbox: Mailbox, isNew: boolean | undefined): Promise<Reply> | Reply {
    const { clock, limits } = this.#options;
    const input = inputForm(command, limits.inputBytes);
    if ('refusal' in input) return input.refusal;
    return mailbox.ask({ type: 'input', ...proposed(input.value, clock), ...(isNew && { isNew }) });
  }

  /** One that was deleted meanwhile is deleted (W13). */
  async #delete(mailbox: Mailbox): Promise<Reply> {
    const reply = await mailbox.ask({ type: 'delete' });
    return reply.outcome === 'rejected' && reply.code === 'worker-unknown' ? { outcome: 'accepted' } : reply;
  }

  /** It may be gone by the time that its caller is told. */
  async #shown(mailbox: Mailbox, asked: Promise<Reply>) {
    const reply = await asked;
    if (reply.outcome !== 'accepted') return reply;
    return isVisible(mailbox.state) ? { ...reply, worker: this.#view(mailbox) } : rejected('worker-unknown');
  }

  #view(mailbox: Mailbox): WorkerView {
    return workerView(mailbox.state, this.#options.runtimeId);
  }
}
