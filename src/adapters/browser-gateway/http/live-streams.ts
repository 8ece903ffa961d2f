/** The streams that are open now, to be ended together when the server is drained. */
export interface LiveStreams {
  readonly isDraining: boolean;
  /** `end` is called at the drain, at once where it has begun; the returned function forgets it. */
  add(end: () => void): () => void;
  drain(): void;
}

export function liveStreams(): LiveStreams {
  const ends = new Set<() => void>();
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    add(end) {
      if (isDraining) end();
      else ends.add(end);
      return () => ends.delete(end);
    },
    drain() {
      isDraining = true;
      for (const end of ends) end();
      ends.clear();
    },
  };
}
