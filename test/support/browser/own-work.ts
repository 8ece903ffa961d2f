import type { ExecutionBackend, WorkerId } from '../../../src/index.js';
import type { ObservationPublisher } from '../../../src/ports/observation-publisher.js';

/** Work that no input asked for, beside what a backend is asked for. */
export interface OwnWork {
  readonly backend: ExecutionBackend;
  begin(workerId: WorkerId, activityId: string, title?: string): Promise<void>;
  end(workerId: WorkerId, activityId: string): Promise<void>;
}

/** A backend whose Workers also work on their own. `onConnected`: what they do of it once they are there. */
export function ownWork(
  backend: ExecutionBackend,
  onConnected: (own: OwnWork, workerId: WorkerId) => Promise<void> = () => Promise.resolve(),
): OwnWork {
  const publishers = new Map<WorkerId, ObservationPublisher>();
  const own: OwnWork = {
    backend: {
      ...backend,
      async spawn(request, publisher, call) {
        publishers.set(request.workerId, publisher);
        const outcome = await backend.spawn(request, publisher, call);
        if (outcome.outcome === 'connected') await onConnected(own, request.workerId);
        return outcome;
      },
    },
    async begin(workerId, activityId, title) {
      const titled = title === undefined ? {} : { title };
      await publishers.get(workerId)?.publish({ type: 'activity-started', activityId, ...titled });
    },
    async end(workerId, activityId) {
      await publishers.get(workerId)?.publish({ type: 'activity-ended', activityId });
    },
  };
  return own;
}
