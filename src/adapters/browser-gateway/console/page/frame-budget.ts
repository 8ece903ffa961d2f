/** What a frame has for all who spend of it together: a page that draws or computes cannot be used. */
export interface FrameBudget {
  /** Whether so much is left of this frame. The first of a frame may always. */
  allows(cost: number): boolean;
  /** Takes it from this frame, also where it was more than was left. */
  spend(cost: number): void;
}

/** `nextFrame` calls back once the frame is over. */
export function frameBudget(perFrame: number, nextFrame: (run: () => void) => void): FrameBudget {
  let left = perFrame;
  let isBegun = false;
  return {
    allows: (cost) => !isBegun || left >= cost,
    spend(cost) {
      left -= cost;
      if (isBegun) return;
      isBegun = true;
      nextFrame(() => {
        left = perFrame;
        isBegun = false;
      });
    },
  };
}
