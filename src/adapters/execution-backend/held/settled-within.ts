import type { Clock } from '../../../ports/clock.js';

/** Whether `work` settles before `delayMs` have passed. */
export function settledWithin(work: Promise<unknown>, delayMs: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const forget = clock.after(delayMs, () => resolve(false));
    const settled = (): void => (forget(), resolve(true));
    work.then(settled, settled);
  });
}
