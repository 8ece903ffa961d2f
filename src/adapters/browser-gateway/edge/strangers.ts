/** The sockets whose other side has not said who it is: bounded, or they would leave no room for those who have. */
export interface Strangers {
  /** `cut` is called once, where it has waited longest and there are too many. The returned function forgets it. */
  add(cut: () => void): () => void;
}

export function strangers(most: number): Strangers {
  const waiting = new Set<() => void>();
  return {
    add(cut) {
      const leave = (): void => cut();
      waiting.add(leave);
      const [oldest] = waiting;
      if (waiting.size > most && oldest) {
        waiting.delete(oldest);
        oldest();
      }
      return () => void waiting.delete(leave);
    },
  };
}
