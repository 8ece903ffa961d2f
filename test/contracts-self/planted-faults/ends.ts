import type { BackendEvent } from '../../../src/domain/observation/event.js';
import { isEnd, type PlantedFault, publishing, turn } from '../plant.js';

/** Runs that end wrongly. */
export const endFaults: readonly PlantedFault[] = [
  {
    fault: 'says something after the end of a run',
    found: [
      'EB-EVENT-002',
      'EB-EVENT-003',
      'EB-CANCEL-004',
      'EB-CANCEL-009',
      'EB-RECOVER-003',
      'EB-RECOVER-005',
      'EB-RECOVER-008',
    ],
    plant: publishing((publish) => (event) => {
      const published = publish(event);
      if (isEnd(event)) void publish({ ...event, type: 'notice', level: 'info', text: 'by the way' });
      return published;
    }),
  },
  {
    fault: 'ends a run twice',
    found: [
      'EB-SPAWN-003',
      'EB-DISPATCH-001',
      'EB-DISPATCH-012',
      'EB-EVENT-007',
      'EB-CANCEL-001',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-STOP-003',
      'EB-PUBLISH-008',
      'EB-PUBLISH-009',
      'EB-RECOVER-002',
      'EB-RECOVER-003',
      'EB-RECOVER-005',
      'EB-RECOVER-008',
      'EB-REPEATED-002',
      'EB-REPEATED-003',
      'EB-REPEATED-004',
      'EB-REPEATED-005',
      'EB-REPEATED-006',
      'EB-ATONCE-002',
      'EB-ATONCE-003',
      'EB-ATONCE-004',
      'EB-ATONCE-005',
      'EB-ATONCE-006',
      'EB-ATONCE-007',
      'EB-ATONCE-008',
      'EB-ABORTED-003',
      'EB-ABORTED-004',
      'EB-ABORTED-005',
      'EB-MIDWAY-003',
      'EB-MIDWAY-004',
      'EB-MIDWAY-005',
    ],
    plant: publishing(
      (publish) => (event) => (isEnd(event) ? publish(event).then(() => publish(event)) : publish(event)),
    ),
  },
  {
    fault: 'never ends a run that was cancelled',
    found: [
      'EB-SPAWN-007',
      'EB-DISPATCH-002',
      'EB-DISPATCH-003',
      'EB-DISPATCH-005',
      'EB-EVENT-002',
      'EB-CANCEL-001',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-004',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-CANCEL-010',
      'EB-STOP-003',
      'EB-STOP-007',
      'EB-QUESTION-005',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
    ],
    plant: publishing(
      (publish) => (event) =>
        event.type === 'run-ended' && event.end === 'cancelled'
          ? Promise.resolve({ outcome: 'taken' })
          : publish(event),
    ),
  },
  {
    fault: 'never ends a run that failed',
    found: ['EB-EVENT-005', 'EB-EVENT-006'],
    plant: publishing(
      (publish) => (event) =>
        event.type === 'run-ended' && event.end === 'failed' ? Promise.resolve({ outcome: 'taken' }) : publish(event),
    ),
  },
  {
    fault: 'says of every run that it completed',
    found: ['EB-EVENT-005', 'EB-CANCEL-001', 'EB-STOP-003'],
    plant: publishing(
      (publish) => (event) => publish(event.type === 'run-ended' ? { ...event, end: 'completed' } : event),
    ),
  },
  {
    fault: 'says of every run that it failed',
    found: [
      'EB-SPAWN-003',
      'EB-SPAWN-004',
      'EB-SPAWN-005',
      'EB-SPAWN-007',
      'EB-SPAWN-008',
      'EB-SPAWN-009',
      'EB-DISPATCH-001',
      'EB-DISPATCH-002',
      'EB-DISPATCH-003',
      'EB-DISPATCH-004',
      'EB-DISPATCH-005',
      'EB-DISPATCH-008',
      'EB-DISPATCH-009',
      'EB-DISPATCH-010',
      'EB-DISPATCH-011',
      'EB-DISPATCH-012',
      'EB-EVENT-002',
      'EB-EVENT-004',
      'EB-EVENT-005',
      'EB-EVENT-006',
      'EB-EVENT-010',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-004',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-CANCEL-010',
      'EB-STOP-003',
      'EB-STOP-007',
      'EB-STOP-009',
      'EB-STOP-011',
      'EB-QUESTION-001',
      'EB-QUESTION-005',
      'EB-QUESTION-006',
      'EB-QUESTION-007',
      'EB-QUESTION-008',
      'EB-QUESTION-009',
      'EB-PUBLISH-002',
      'EB-PUBLISH-008',
      'EB-PUBLISH-009',
      'EB-RECOVER-003',
      'EB-RECOVER-004',
      'EB-RECOVER-005',
      'EB-RECOVER-006',
      'EB-RECOVER-008',
      'EB-RECOVER-009',
      'EB-RECOVER-010',
      'EB-RECOVER-012',
      'EB-RECOVER-013',
      'EB-RECOVER-014',
      'EB-EXIT-003',
      'EB-STALE-001',
      'EB-STALE-002',
      'EB-STALE-003',
      'EB-STALE-004',
      'EB-STALE-005',
      'EB-STALE-006',
      'EB-UNKNOWN-002',
      'EB-UNKNOWN-003',
      'EB-UNKNOWN-004',
      'EB-UNKNOWN-005',
      'EB-REPEATED-001',
      'EB-REPEATED-002',
      'EB-REPEATED-003',
      'EB-REPEATED-004',
      'EB-REPEATED-005',
      'EB-ATONCE-001',
      'EB-ATONCE-002',
      'EB-ATONCE-003',
      'EB-ATONCE-004',
      'EB-ATONCE-005',
      'EB-ATONCE-007',
      'EB-ATONCE-008',
      'EB-ABORTED-001',
      'EB-ABORTED-002',
      'EB-ABORTED-003',
      'EB-ABORTED-004',
      'EB-ABORTED-005',
      'EB-ABORTED-006',
      'EB-MIDWAY-001',
      'EB-MIDWAY-002',
      'EB-MIDWAY-003',
      'EB-MIDWAY-004',
      'EB-MIDWAY-005',
      'EB-MIDWAY-006',
      'EB-CODE-004',
      'EB-SECRET-004',
      'EB-TIME-001',
      'EB-TIME-003',
    ],
    plant: publishing(
      (publish) => (event) =>
        publish(event.type === 'run-ended' && event.end === 'completed' ? { ...event, end: 'failed' } : event),
    ),
  },
  {
    fault: 'says the end before the last output',
    found: ['EB-RECOVER-004', 'EB-RECOVER-007', 'EB-RECOVER-010', 'EB-RECOVER-011'],
    plant: publishing((publish) => {
      let held: BackendEvent | undefined;
      return async (event) => {
        const former = held;
        held = undefined;
        if (!isEnd(event)) {
          if (former) await publish(former);
          held = event;
          await turn();
          const still = held as BackendEvent | undefined;
          held = undefined;
          return still ? publish(still) : { outcome: 'taken' };
        }
        const answer = await publish(event);
        if (former) await publish(former);
        return answer;
      };
    }),
  },
  {
    fault: 'begins the next run before it has told the end of the former',
    found: ['EB-EVENT-007'],
    plant: publishing(
      (publish) => (event) =>
        event.type === 'run-ended' && event.end === 'completed'
          ? turn()
              .then(turn)
              .then(() => publish(event))
          : publish(event),
    ),
  },
];
