/** A value that changes, and who wants to know of it. */
export interface Store<T> {
  get(): T;
  /** Tells every listener, also where the value is the same. */
  set(value: T): void;
  /** Answers what ends it. */
  subscribe(listener: () => void): () => void;
}

export type Readable<T> = Omit<Store<T>, 'set'>;

export function store<T>(value: T): Store<T> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
