import type { WorkerId } from '../domain/ids.js';
import type { IdempotencyKey } from '../domain/worker/state.js';

/** How long the key of a create is kept. */
export const keyLifetimeMs = 24 * 60 * 60 * 1000;

export interface KeyedCreate {
  readonly key: IdempotencyKey;
  readonly workerId: WorkerId;
  /** Settles when the create is decided. */
  readonly done: Promise<unknown>;
}

/** The creates that a key may ask for again. What expires is forgotten when something is added. */
export class CreateKeys {
  readonly #creates = new Map<string, KeyedCreate>();

  find(owner: string, key: string, now: number): KeyedCreate | undefined {
    const create = this.#creates.get(nameOf(owner, key));
    return create && create.key.expiresAt > now ? create : undefined;
  }

  add(create: KeyedCreate, now: number): void {
    for (const [name, { key }] of this.#creates) {
      if (key.expiresAt > now) break;
      this.#creates.delete(name);
    }
    const name = nameOf(create.key.owner, create.key.key);
    this.#creates.delete(name);
    this.#creates.set(name, create);
  }

  free({ owner, key }: IdempotencyKey): void {
    this.#creates.delete(nameOf(owner, key));
  }
}

const nameOf = (owner: string, key: string): string => JSON.stringify([owner, key]);
