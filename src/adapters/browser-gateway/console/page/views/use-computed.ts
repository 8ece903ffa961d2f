import { useRef } from 'preact/hooks';

import { frameBudget } from '../frame-budget.js';
import { nextFrame, useFrames } from './use-frames.js';

/** Of what can be computed at once and takes its time. What is drawn of it comes on top. */
const frameMs = 30;
const computing = frameBudget(frameMs, nextFrame);

interface Computed<Inputs extends readonly unknown[], Result> {
  readonly of: readonly [...Inputs];
  readonly result: Result;
  /** Grows with each. */
  readonly count: number;
}

/** What is computed of texts, once there is time for it in a frame; until then that of the texts before. */
export function useComputed<Inputs extends readonly (string | undefined)[], Result>(
  inputs: readonly [...Inputs],
  compute: (inputs: readonly [...Inputs]) => Result,
): Computed<Inputs, Result> | undefined {
  const kept = useRef<Computed<Inputs, Result>>(undefined);
  const isKept = (): boolean => kept.current?.of.every((input, index) => input === inputs[index]) ?? false;
  // How long it takes is known afterwards.
  if (!isKept() && computing.allows(0)) {
    const from = performance.now();
    kept.current = { of: inputs, result: compute(inputs), count: (kept.current?.count ?? 0) + 1 };
    computing.spend(performance.now() - from);
  }
  useFrames(isKept());
  return kept.current;
}
