import { InputId } from '../domain/ids.js';
import type { WorkerId } from '../domain/ids.js';
import type { Part } from '../domain/observation/event.js';
import { workerView } from '../domain/observation/view.js';
import type { WorkerView } from '../domain/observation/view.js';
import type { Rejected } from '../domain/outcome.js';
import { rejected } from '../domain/outcome.js';
import type { ProposedInput } from '../domain/worker/command.js';
import type { Reply } from '../domain/worker/decision.js';
import type { IdempotencyKey } from '../domain/worker/state.js';
import { isVisible } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import type { CallOptions, Command, CreateCommand, InputCommand, OutcomeOf } from '../ports/browser-gateway.js';
import type { Catalog } from './catalog.js';
import { offers } from './catalog.js';
import { maxCallerMs } from './deadlines.js';
import { CreateKeys, keyLifetimeMs } from './idempotency.js';
import { digestOf, newUuid, newWorkerId } from './ids.js';
import type { Mailbox } from './mailbox.js';
import type { ResolvedOptions } from './options.js';

type WorkerCommandOf = Exclude<Command, CreateCommand>;
type Created = OutcomeOf<CreateCommand>;

/** What a caller asks of Workers: found or not, within the limits, handed to the mailbox, shown. */
export class Commands {
  readonly #options: ResolvedOptions;
  readonly #catalog: Catalog;
  readonly #keys = new CreateKeys();

  constructor(options: ResolvedOptions, catalog: Catalog) {
    this.#options = options;
    this.#catalog = catalog;
  }

  /** A Worker that was in the log: its key is in force again. */
  remember(mailbox: Mailbox): void {
    const { key } = mailbox.state;
    const { clock } = this.#options;
    if (key) this.#keys.add({ key, workerId: mailbox.workerId, done: Promise.resolve() }, clock.now());
  }

  execute(command: Command, { principal }: CallOptions): Promise<OutcomeOf<Command>> {
    return command.type === 'create' ? this.#create(command, principal) : this.#ask(command, principal);
  }

  async #ask(command: WorkerCommandOf, principal: Principal | undefined): Promise<OutcomeOf<Command>> {
    const mailbox = this.#catalog.find(command.worker.workerId, principal);
    if (!mailbox) return command.type === 'delete' ? { outcome: 'accepted' } : rejected('worker-unknown');
    switch (command.type) {
      case 'input':
        return this.#input(command, mailbox);
      case 'answer':
        return mailbox.ask({ type: 'answer', questionId: command.questionId, answer: command.answer });
      case 'cancel': {
        const deadlineMs = command.deadlineMs ?? this.#deadlinesOf(mailbox).cancelMs;
        if (!isCallerMs(deadlineMs)) return rejected('request-invalid');
        return mailbox.ask({ type: 'cancel', inputId: command.inputId, deadlineMs });
      }
      case 'reconnect': {
        const profile = this.#options.profiles.get(mailbox.state.profile);
        const binding = profile ? this.#catalog.bindingOf(profile) : null;
        return this.#shown(mailbox, await mailbox.ask({ type: 'reconnect', binding }));
      }
      case 'stop': {
        const { stopGraceMs, stopSettleMs: settleMs } = this.#deadlinesOf(mailbox);
        const graceMs = command.graceMs ?? stopGraceMs;
        if (!isCallerMs(graceMs)) return rejected('request-invalid');
        return this.#shown(mailbox, await mailbox.ask({ type: 'stop', cause: 'user', graceMs, settleMs }));
      }
      case 'delete':
        return mailbox.ask({ type: 'delete' });
    }
  }

  async #input({ inputId, parts }: InputCommand, mailbox: Mailbox): Promise<Reply> {
    const tooLarge = this.#tooLarge(parts);
    if (tooLarge) return tooLarge;
    return mailbox.ask({ type: 'input', ...(await this.#proposed(inputId, parts)) });
  }

  async #create(command: CreateCommand, principal: Principal | undefined): Promise<Created> {
    const { clock, limits, profiles } = this.#options;
    const { profile: name, displayName, input, idempotencyKey } = command;
    const profile = profiles.get(name);
    if (!profile || !offers(principal, name)) return rejected('profile-unknown');
    const tooLarge = input && this.#tooLarge(input.parts);
    if (tooLarge) return tooLarge;
    const owner = principal?.id ?? '';
    const digest = digestOf([name, displayName ?? null, input?.inputId ?? null, input?.parts ?? null]);
    const now = clock.now();
    const known = idempotencyKey === undefined ? undefined : this.#keys.find(owner, idempotencyKey, now);
    if (known) return this.#again(known.workerId, known.done, known.key.digest === digest);
    if (this.#catalog.size >= limits.workers) return { ...rejected('quota-exceeded'), limit: limits.workers };
    const key =
      idempotencyKey === undefined ? undefined : { owner, key: idempotencyKey, digest, expiresAt: now + keyLifetimeMs };
    const mailbox = this.#catalog.open(newWorkerId(now));
    const binding = this.#catalog.bindingOf(profile);
    const asked = this.#proposed(input?.inputId, input?.parts).then((proposed) =>
      mailbox.ask({
        type: 'create',
        profile: name,
        displayName,
        creator: principal?.id,
        key,
        binding,
        ...(input && { input: proposed }),
      }),
    );
    if (key) this.#keys.add({ key, workerId: mailbox.workerId, done: asked }, now);
    return this.#created(mailbox, await asked, key);
  }

  #created(mailbox: Mailbox, reply: Reply, key: IdempotencyKey | undefined): Created {
    if (reply.outcome === 'accepted') return { ...reply, worker: this.#view(mailbox), created: true };
    const isUnknown = reply.outcome === 'errored' && reply.executed === 'unknown';
    if (key && !isUnknown) this.#keys.free(key);
    if (mailbox.state.status.status === 'absent') this.#catalog.forget(mailbox.workerId);
    return reply;
  }

  /** The same key with the same content waits for the first call and gets what it got. */
  async #again(workerId: WorkerId, done: Promise<unknown>, isSame: boolean): Promise<Created> {
    if (!isSame) return rejected('worker-conflict');
    const first = (await done) as Reply | undefined;
    const mailbox = this.#catalog.get(workerId);
    if (mailbox && isVisible(mailbox.state)) {
      const { inputId, cursor } = (first?.outcome === 'accepted' && first) || {};
      const view = { outcome: 'accepted', worker: this.#view(mailbox), created: false } as const;
      return { ...view, ...(inputId && { inputId }), ...(cursor && { cursor }) };
    }
    if (first && first.outcome !== 'accepted') return first;
    const status = mailbox?.state.status;
    return status?.status === 'failed' ? status.refusal : rejected('worker-unknown');
  }

  async #proposed(inputId: InputId | undefined, parts: readonly Part[] = []): Promise<ProposedInput> {
    const { clock } = this.#options;
    return { inputId: inputId ?? InputId(newUuid(clock.now())), parts, digest: digestOf(parts) };
  }

  #tooLarge(parts: readonly Part[]): Rejected | undefined {
    const limit = this.#options.limits.inputBytes;
    return JSON.stringify(parts).length > limit ? { ...rejected('input-too-large'), limit } : undefined;
  }

  #shown<R extends Reply>(mailbox: Mailbox, reply: R) {
    return reply.outcome === 'accepted' ? { ...reply, worker: this.#view(mailbox) } : reply;
  }

  #view(mailbox: Mailbox): WorkerView {
    return workerView(mailbox.state, this.#options.runtimeId);
  }

  #deadlinesOf(mailbox: Mailbox) {
    return this.#catalog.deadlinesOf(mailbox.state.profile);
  }
}

const isCallerMs = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= maxCallerMs;
