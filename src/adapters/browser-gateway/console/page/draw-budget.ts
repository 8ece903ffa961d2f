/** How much may be drawn in a frame, by all who draw in it together: a page that draws cannot be used. */
export interface DrawBudget {
  /**
   * Takes of these pieces, in their order and by their weights, as many as still may be drawn in this frame, and answers how
   * many. The first of a frame may always.
   */
  take(weights: readonly number[]): number;
}

/** `nextFrame` calls back once the frame is over. */
export function drawBudget(perFrame: number, nextFrame: (run: () => void) => void): DrawBudget {
  let left = perFrame;
  return {
    take(weights) {
      let count = 0;
      for (const weight of weights) {
        if (left < weight && left < perFrame) break;
        if (left === perFrame) nextFrame(() => (left = perFrame));
        left -= weight;
        count += 1;
      }
      return count;
    },
  };
}
