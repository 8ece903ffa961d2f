import { draws } from '../../../src/contracts/draws.js';

/** What a seed decides. */
export interface Chance {
  /** A whole number from 0 up to `limit`, not included. */
  below(limit: number): number;
  happens(probability: number): boolean;
  pick<T>(values: Iterable<T>): T | undefined;
  uuid(): string;
}

export function chance(...key: readonly number[]): Chance {
  const next = draws(...key);
  const below = (limit: number): number => Math.floor(next() * limit);
  const hex = (digits: number): string => Array.from({ length: digits }, () => below(16).toString(16)).join('');
  return {
    below,
    happens: (probability) => next() < probability,
    pick: (values) => {
      const all = [...values];
      return all[below(all.length)];
    },
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}
