import type { StreamEndCode } from '../../../domain/codes.js';
import type { Errored, Rejected } from '../../../domain/outcome.js';
import { rejected } from '../../../domain/outcome.js';
import type { SocketRequest } from '../../../protocol/browser-socket.js';
import type { Admitted } from '../edge/access.js';
import type { Edge } from '../edge/edge.js';
import { Observing } from '../edge/observing.js';
import { workerIn } from '../edge/addressed.js';

import type { Outbox } from './outbox.js';
import { Subscription } from './subscription.js';

type Subscribe = Extract<SocketRequest, { type: 'subscribe' }>;

/** So many are opened at once on one socket, those that were left while they were opened included. */
const openings = 16;
/** An opening that takes longer, as of a Runtime that hangs, keeps the other subscriptions waiting no more. */
const patienceMs = 1_000;

export interface SubscriptionsDependencies {
  readonly edge: Edge;
  readonly outbox: Outbox;
  /** About a subscription, which then is not there; without an id about a message that could not be taken. */
  readonly refuse: (refusal: Rejected | Errored, id?: string) => void;
}

/** What one socket watches, by the names that its client chose. */
export class Subscriptions {
  readonly #dependencies: SubscriptionsDependencies;
  readonly #byId = new Map<string, Subscription>();
  #opening = 0;
  #wake = (): void => undefined;

  constructor(dependencies: SubscriptionsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Resolves when the next message may be taken; not before another one is open where too many are being opened. */
  async subscribe({ id, after, ...place }: Subscribe, { gateway, principalId }: Admitted): Promise<void> {
    const { edge, outbox, refuse } = this.#dependencies;
    if (this.#byId.has(id)) return refuse(rejected('request-invalid'));
    const worker = workerIn({ runtimeId: place.runtimeId, workerId: place.workerId });
    if ('refusal' in worker) return refuse(worker.refusal, id);
    const giveBack = edge.quota.takeSubscription(principalId);
    if (!giveBack) return refuse({ ...rejected('quota-exceeded'), limit: edge.options.subscriptions }, id);
    const subscription = new Subscription(id, {
      outbox,
      observe: () => new Observing(gateway, worker.value, after),
      defect: (error) => edge.reportDefect(error),
      over: () => {
        this.#byId.delete(id);
        giveBack();
      },
    });
    this.#byId.set(id, subscription);
    await this.#open(subscription);
  }

  unsubscribe(id: string): void {
    this.#byId.get(id)?.leave();
  }

  end(code: StreamEndCode): void {
    for (const subscription of [...this.#byId.values()]) subscription.end(code);
    this.#wake();
  }

  leave(): void {
    for (const subscription of [...this.#byId.values()]) subscription.leave();
    this.#wake();
  }

  async #open(subscription: Subscription): Promise<void> {
    let isCounted = true;
    const goOn = (): void => {
      if (!isCounted) return;
      isCounted = false;
      this.#opening -= 1;
      this.#wake();
    };
    this.#opening += 1;
    const inTime = this.#dependencies.edge.clock.after(patienceMs, goOn);
    void subscription.open().then(() => {
      inTime();
      goOn();
    });
    if (this.#opening >= openings) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
