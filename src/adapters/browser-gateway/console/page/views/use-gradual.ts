import { useRef } from 'preact/hooks';

import { frameBudget } from '../frame-budget.js';
import { nextFrame, useFrames } from './use-frames.js';

/** In characters. */
const frameLength = 65_536;
const drawing = frameBudget(frameLength, nextFrame);

/** Of a piece that may be a few letters and many elements. */
export const denseWeight = ({ text }: { readonly text: string }): number => Math.max(text.length, 1_024);

/** The pieces that are drawn by now: a few more with each frame, until it is all of them. */
export function useGradual<Piece extends { readonly text: string }>(
  pieces: readonly Piece[],
  weightOf: (piece: Piece) => number = ({ text }) => text.length,
): readonly Piece[] {
  const drawn = useRef(0);
  drawn.current = Math.min(drawn.current, pieces.length);
  for (const piece of pieces.slice(drawn.current)) {
    const weight = weightOf(piece);
    if (!drawing.allows(weight)) break;
    drawing.spend(weight);
    drawn.current += 1;
  }
  const isAll = drawn.current === pieces.length;
  useFrames(isAll);
  return isAll ? pieces : pieces.slice(0, drawn.current);
}
