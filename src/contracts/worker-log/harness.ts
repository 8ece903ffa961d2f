import type { WorkerLog } from '../../ports/worker-log.js';

/** A log under test. */
export interface WorkerLogHarness {
  /** A fresh, empty log that shares nothing with any other. The suite disposes it. */
  create(call: { readonly signal: AbortSignal }): Promise<WorkerLog>;
  /** Multiplies every deadline of the suite, for slow stores. 1: five seconds a case. */
  readonly timing?: number | undefined;
}
