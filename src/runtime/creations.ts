import type { WorkerId } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import type { Rejected } from '../domain/outcome.js';
import type { Reply } from '../domain/worker/decision.js';
import type { IdempotencyKey, WorkerState } from '../domain/worker/state.js';
import { isVisible } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import type { CreateCommand, OutcomeOf } from '../ports/browser-gateway.js';
import type { Catalog } from './catalog.js';
import { offers } from './catalog.js';
import { hasCreateForm, inputForm } from './command-form.js';
import type { Formed, InputForm } from './command-form.js';
import { CreateKeys, keyLifetimeMs, maxKeys } from './idempotency.js';
import { digestOf, newWorkerId } from './ids.js';
import type { Mailbox } from './mailbox.js';
import type { Profile, ResolvedOptions } from './options.js';
import { proposed } from './proposed-input.js';

type Created = OutcomeOf<CreateCommand>;

interface Wanted {
  readonly profile: Profile;
  readonly input: InputForm | undefined;
}

/** Creates Workers, each once for its idempotency key. */
export class Creations {
  readonly #options: ResolvedOptions;
  readonly #catalog: Catalog;
  readonly #view: (mailbox: Mailbox) => WorkerView;
  readonly #keys = new CreateKeys();

  constructor(options: ResolvedOptions, catalog: Catalog, view: (mailbox: Mailbox) => WorkerView) {
    this.#options = options;
    this.#catalog = catalog;
    this.#view = view;
  }

  /** Workers that were in the log: their keys are in force again. `decided`: whether a create came to something. */
  remember(found: readonly { readonly mailbox: Mailbox; readonly decided: Promise<unknown> }[]): void {
    const keyed = found.flatMap(({ mailbox, decided }) => {
      const { key } = mailbox.state;
      return key ? [{ mailbox, decided, key }] : [];
    });
    for (const { mailbox, decided, key } of keyed.toSorted((a, b) => a.key.expiresAt - b.key.expiresAt)) {
      const done = decided.then(() => this.#settleKey(mailbox.state, key));
      this.#keys.add({ key, workerId: mailbox.workerId, done });
    }
  }

  /** What is refused whoever creates it. */
  refusal(command: CreateCommand, principal: Principal | undefined): Rejected | undefined {
    const formed = this.#formed(command, principal);
    return 'refusal' in formed ? formed.refusal : undefined;
  }

  /** Whether a create with its key was begun here, and the key is in force. */
  knows({ idempotencyKey }: CreateCommand, principal: Principal | undefined): boolean {
    return idempotencyKey !== undefined && this.#keys.find(principal?.id ?? '', idempotencyKey) !== undefined;
  }

  /** Whether a key is of a Worker that is here, and in force. One whose create was in doubt, and is there, is known again. */
  knowsOf(mailbox: Mailbox, command: CreateCommand, principal: Principal | undefined): boolean {
    const { key } = mailbox.state;
    const isItsOwn = key?.key === command.idempotencyKey && key?.owner === (principal?.id ?? '');
    const isInForce = isItsOwn && key.expiresAt > this.#options.clock.now() && isVisible(mailbox.state);
    if (!this.knows(command, principal) && isInForce) this.remember([{ mailbox, decided: Promise.resolve() }]);
    return this.knows(command, principal);
  }

  /** A Worker is not here any more, and its key neither. */
  depart({ workerId, state: { key } }: Mailbox): void {
    if (key && this.#keys.find(key.owner, key.key)?.workerId === workerId) this.#keys.free(key);
  }

  /** `workerId`: the id that was minted for it. */
  async create(command: CreateCommand, principal: Principal | undefined, workerId?: WorkerId): Promise<Created> {
    const formed = this.#formed(command, principal);
    if ('refusal' in formed) return formed.refusal;
    const { clock, limits } = this.#options;
    const { profile, input } = formed.value;
    const { displayName, idempotencyKey } = command;
    const owner = principal?.id ?? '';
    const digest = digestOf([profile.name, displayName ?? null, input?.inputId ?? null, input?.parts ?? null]);
    const now = clock.now();
    for (const workerId of this.#keys.expire(now)) this.#catalog.get(workerId)?.sweep();
    const known = idempotencyKey === undefined ? undefined : this.#keys.find(owner, idempotencyKey);
    if (known) return this.#again(known.workerId, known.done, known.key.digest === digest);
    if (this.#catalog.size >= limits.workers) return { ...rejected('quota-exceeded'), limit: limits.workers };
    if (idempotencyKey === undefined) return this.#begin(formed.value, displayName, principal, { workerId });
    if (this.#keys.isFull) return { ...rejected('quota-exceeded'), limit: maxKeys };
    const key = { owner, key: idempotencyKey, digest, expiresAt: now + keyLifetimeMs };
    return this.#begin(formed.value, displayName, principal, { workerId, key });
  }

  #formed(command: CreateCommand, principal: Principal | undefined): Formed<Wanted> {
    if (!hasCreateForm(command)) return { refusal: rejected('request-invalid') };
    const { profiles, limits } = this.#options;
    const profile = profiles.get(command.profile);
    if (!profile || !offers(principal, profile.name)) return { refusal: rejected('profile-unknown') };
    const input = command.input && inputForm(command.input, limits.inputBytes);
    return input && 'refusal' in input ? input : { value: { profile, input: input?.value } };
  }

  async #begin(
    { profile, input }: Wanted,
    displayName: string | undefined,
    principal: Principal | undefined,
    { workerId, key }: { readonly workerId: WorkerId | undefined; readonly key?: IdempotencyKey },
  ): Promise<Created> {
    const mailbox = this.#catalog.open(workerId ?? newWorkerId(this.#options.clock.now()));
    const asked = mailbox.ask({
      type: 'create',
      profile: profile.name,
      displayName,
      creator: principal?.id,
      key,
      binding: this.#catalog.bindingOf(profile),
      ...(input && { input: proposed(input, this.#options.clock) }),
    });
    if (key) this.#keys.add({ key, workerId: mailbox.workerId, done: asked });
    return this.#created(mailbox, await asked, key);
  }

  #created(mailbox: Mailbox, reply: Reply, key: IdempotencyKey | undefined): Created {
    if (reply.outcome === 'accepted') {
      return isVisible(mailbox.state)
        ? { ...reply, worker: this.#view(mailbox), created: true }
        : rejected('worker-unknown');
    }
    const isUnknown = reply.outcome === 'errored' && reply.executed === 'unknown';
    if (key && !isUnknown) this.#keys.free(key);
    if (mailbox.isAbsent) this.#catalog.forget(mailbox.workerId);
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

  /** A create that the end of its host cut short frees its key, unless its input may have run. */
  #settleKey({ status }: WorkerState, key: IdempotencyKey): void {
    if (status.status !== 'failed') return;
    const { refusal } = status;
    const isUnknown = refusal.outcome === 'errored' && refusal.executed === 'unknown';
    const isDeleted = refusal.outcome === 'rejected' && refusal.code === 'worker-unknown';
    if (!isUnknown && !isDeleted) this.#keys.free(key);
  }
}
