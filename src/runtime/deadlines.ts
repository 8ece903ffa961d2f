/** How long the Runtime waits for a backend, in milliseconds (W18). Per profile. */
export interface Deadlines {
  readonly spawnMs: number;
  readonly recoverMs: number;
  readonly dispatchMs: number;
  readonly answerMs: number;
  /** A cancel whose caller gives no deadline. */
  readonly cancelMs: number;
  /** A stop whose caller gives no grace. */
  readonly stopGraceMs: number;
  /** After the grace, until a stop ends as killed. */
  readonly stopSettleMs: number;
}

export const defaultDeadlines: Deadlines = {
  spawnMs: 60_000,
  recoverMs: 10_000,
  dispatchMs: 10_000,
  answerMs: 10_000,
  cancelMs: 10_000,
  stopGraceMs: 5_000,
  stopSettleMs: 5_000,
};

/** What a caller may ask for: 0 … 60,000 ms. */
export const maxCallerMs = 60_000;

export interface RuntimeLimits {
  readonly workers: number;
  /** Bytes of an input's parts, as JSON. */
  readonly inputBytes: number;
  /** Bytes of one event, as JSON. */
  readonly eventBytes: number;
  /** Events of a Worker that are taken and not yet recorded (P2). */
  readonly windowEvents: number;
  readonly windowBytes: number;
  /** What is retained of a Worker's log; trimmed at a run's boundary (O7). */
  readonly retainedEvents: number;
  readonly retainedBytes: number;
  /** Runs that ended longer ago are trimmed, but for the latest one. `Infinity`: none is for its age. */
  readonly retainedMs: number;
  readonly appendMs: number;
  readonly drainMs: number;
  /** Workers of one backend that are recovered at once at start, and executions of it that are ended by name (R3, R5). */
  readonly concurrentRecoveries: number;
}

export const defaultLimits: RuntimeLimits = {
  workers: 10_000,
  inputBytes: 262_144,
  eventBytes: 262_144,
  windowEvents: 1024,
  windowBytes: 4 * 1024 * 1024,
  retainedEvents: 100_000,
  retainedBytes: 64 * 1024 * 1024,
  retainedMs: Infinity,
  appendMs: 10_000,
  drainMs: 30_000,
  concurrentRecoveries: 16,
};
