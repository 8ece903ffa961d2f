import type { Observation } from '../../../domain/observation/event.js';
import type { Errored, Rejected } from '../../../domain/outcome.js';
import type { Frame, WorkerRef } from '../../../ports/browser-gateway.js';

/** Says that the host has taken a subscription: its frames follow. */
export interface Opened {
  readonly type: 'opened';
}
export const opened: Opened = { type: 'opened' };

/**
 * A stream for as long as one connection carries it. It yields `opened` and then frames, or a `problem` where the host
 * refuses. It returns `lost` where the connection is gone, or `again` where it was let go of because its reader is slow.
 * Rejects only when it is aborted, at once. One frame is asked for when the one before is gone.
 */
export type CarriedFrames = AsyncGenerator<Opened | Frame, 'lost' | 'again', void>;

export interface Transport {
  /** `after`: a cursor or `start`; absent: with a snapshot. */
  open(worker: WorkerRef, after: string | undefined, signal: AbortSignal): CarriedFrames;
  close(): void;
}

/** A frame from what a message says, field by field. `undefined`: of a name that is not known, for later versions. */
export function frameOf(name: string | undefined, data: unknown): Frame | undefined {
  switch (name) {
    case 'snapshot': {
      const { worker, transcript, cursor } = data as Extract<Frame, { type: 'snapshot' }>;
      return { type: 'snapshot', worker, transcript, cursor };
    }
    case 'events':
      return eventsFrame([...(data as Extract<Frame, { type: 'events' }>).observations]);
    case 'gap': {
      const { from, to } = data as Extract<Frame, { type: 'gap' }>;
      return { type: 'gap', from, to };
    }
    case 'end':
      return { type: 'end', code: (data as Extract<Frame, { type: 'end' }>).code };
    default:
      return undefined;
  }
}

export const problemFrame = (problem: Rejected | Errored): Frame => ({ type: 'problem', problem });
export const eventsFrame = (observations: readonly Observation[]): Frame => ({ type: 'events', observations });
