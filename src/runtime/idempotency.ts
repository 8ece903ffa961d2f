import type { WorkerId } from '../domain/ids.js';
import type { IdempotencyKey } from '../domain/worker/state.js';

/** How long the key of a create is kept. */
export const keyLifetimeMs = 24 * 60 * 60 * 1000;

/** How many keys are kept at once. */
export const maxKeys = 100_000;

export interface KeyedCreate {
  readonly key: IdempotencyKey;
  readonly workerId: WorkerId;
  /** Settles when the create is decided. */
  readonly done: Promise<unknown>;
}

/** The creates that a key may ask for again: bounded. */
export class CreateKeys {
  /** In the order in which they expire. */
  readonly #creates = new Map<string, KeyedCreate>();

  get isFull(): boolean {
    return this.#creates.size >= maxKeys;
  }

  find(owner: string, key: string): KeyedCreate | undefined {
    return this.#creates.get(nameOf(owner, key));
  }

  /** Keys are added in the order in which they expire. */
  add(create: KeyedCreate): void {
    this.#creates.set(nameOf(create.key.owner, create.key.key), create);
  }

  free({ owner, key }: IdempotencyKey): void {
    this.#creates.delete(nameOf(owner, key));
  }

  /** Forgets what has expired and answers whose keys they were. */
  expire(now: number): readonly WorkerId[] {
    const expired: WorkerId[] = [];
    for (const [name, { key, workerId }] of this.#creates) {
      if (key.expiresAt > now) break;
      this.#creates.delete(name);
      expired.push(workerId);
    }
    return expired;
  }
}

const nameOf = (owner: string, key: string): string => JSON.stringify([owner, key]);
