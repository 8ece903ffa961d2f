import { useEffect, useReducer } from 'preact/hooks';

export const nextFrame = (run: () => void): void => void requestAnimationFrame(run);

/** Draws again with the next frame, until it is done. */
export function useFrames(isDone: boolean): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (isDone) return undefined;
    const frame = requestAnimationFrame(() => draw(undefined));
    return () => cancelAnimationFrame(frame);
  });
}
