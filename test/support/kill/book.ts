import type { Account } from './account.js';
import type { View } from './answers.js';
import { claim } from './claim.js';
import type { KnownCreate } from './known-create.js';
import { KnownWorker } from './known-worker.js';
import type { Ends } from './servers.js';

/** Everything that was asked, told and seen of one data folder. */
export class Book {
  readonly workers = new Map<string, KnownWorker>();
  readonly creates = new Map<string, KnownCreate>();
  readonly account: Account;

  /** How the executions of a profile end. */
  readonly endsOf: (profile: string) => Ends;

  /** Several hosts serve its Workers: what one of them was asked for may be done after another has answered. */
  readonly isShared: boolean;

  constructor(account: Account, endsOf: (profile: string) => Ends, isShared = false) {
    this.account = account;
    this.endsOf = endsOf;
    this.isShared = isShared;
  }

  /** Workers that nobody asked to delete. */
  get present(): readonly KnownWorker[] {
    return [...this.workers.values()].filter(({ isGone }) => !isGone);
  }

  get live(): readonly KnownWorker[] {
    return this.present.filter(({ stop }) => stop === 'none');
  }

  /** A Worker that is visible, by its view. */
  visible(view: View): KnownWorker {
    const known = this.workers.get(view.workerId);
    if (known) return known;
    const create = this.creates.get(view.displayName ?? '');
    claim(create !== undefined, 'W5: each Worker was asked for', view);
    claim(!create.isRefused && create.state !== 'failed', 'W5: nothing of a failed create is visible', view);
    claim(create.state !== 'unknown', 'W5, W8: an unknown create stays unknown', view);
    const other = create.workerId === undefined || create.workerId === view.workerId;
    claim(other, 'W5: a create with its key makes one Worker', { view, create });
    const worker = new KnownWorker(view);
    this.workers.set(view.workerId, worker);
    Object.assign(create, { state: 'made', workerId: view.workerId });
    if (create.input) {
      create.input.accepted();
      worker.inputs.set(create.input.inputId, create.input);
    }
    return worker;
  }
}
