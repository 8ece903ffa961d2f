import type { WorkerId } from '../domain/ids.js';
import { decodeObservation } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import type { Frame } from '../ports/browser-gateway.js';

export type EventsFrame = Extract<Frame, { type: 'events' }>;

interface Watched {
  watchers: number;
  latest: EventsFrame | undefined;
}

/** One observer's share. */
export interface Watch {
  /** A frame that begins as these observations do, which are one or more: with all of them, or with fewer. */
  frameOf(observations: readonly EncodedObservation[]): EventsFrame;
  leave(): void;
}

const lastOf = ({ observations }: EventsFrame): number => observations.at(-1)?.sequence ?? 0;

/**
 * The latest frame of each Worker, as long as somebody watches it: observers at the same place get the very same object,
 * so that whoever writes it to a wire needs to encode it once. What is retained never changes (O7), nor does a frame.
 */
export class SharedFrames {
  readonly #byWorker = new Map<WorkerId, Watched>();

  /** How many Workers are watched. */
  get size(): number {
    return this.#byWorker.size;
  }

  watch(workerId: WorkerId): Watch {
    const watched = this.#byWorker.get(workerId) ?? { watchers: 0, latest: undefined };
    this.#byWorker.set(workerId, watched);
    watched.watchers += 1;
    return {
      frameOf: (observations) => frameOf(watched, observations),
      leave: () => {
        watched.watchers -= 1;
        if (watched.watchers === 0) this.#byWorker.delete(workerId);
      },
    };
  }
}

function frameOf(watched: Watched, observations: readonly EncodedObservation[]): EventsFrame {
  const { latest } = watched;
  const isSame = latest?.observations[0]?.sequence === observations[0]?.sequence;
  if (latest && isSame && latest.observations.length <= observations.length) return latest;
  const shared = Object.freeze(observations.map(decodeObservation));
  const frame: EventsFrame = Object.freeze({ type: 'events', observations: shared });
  // Who catches up takes nothing from those who are at the end.
  if (!latest || lastOf(frame) > lastOf(latest)) watched.latest = frame;
  return frame;
}
