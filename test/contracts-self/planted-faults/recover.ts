import type { BackendEvent } from '../../../src/domain/observation/event.js';
import type { ExecutionBackend, RecoverOutcome } from '../../../src/ports/execution-backend.js';
import type { ObservationPublisher } from '../../../src/ports/observation-publisher.js';
import { never, type Plant, type PlantedFault, type Publish, tampering } from '../plant.js';

const taken = { outcome: 'taken' } as const;
const capabilities = { cancel: true, stop: true, recover: true, questions: true };

/** A backend that publishes through `tamper` once it was taken over. */
const afterTakeover =
  (tamper: (publish: Publish, publisher: ObservationPublisher) => Publish): Plant =>
  (sound) => {
    const tampered = tampering((publisher) => ({ publish: tamper((event) => publisher.publish(event), publisher) }));
    return { recover: (request, publisher, call) => sound.recover(request, tampered(publisher), call) };
  };

type Recover = ExecutionBackend['recover'];

const recovering =
  (tamper: (answer: RecoverOutcome, ...call: Parameters<Recover>) => RecoverOutcome | Promise<RecoverOutcome>): Plant =>
  (sound) => ({ recover: async (...call) => tamper(await sound.recover(...call), ...call) });

/** Executions that are taken over wrongly. */
export const recoverFaults: readonly PlantedFault[] = [
  {
    fault: 'swallows the first event after it was taken over',
    found: ['EB-RECOVER-002', 'EB-RECOVER-004', 'EB-RECOVER-006', 'EB-RECOVER-007', 'EB-RECOVER-010', 'EB-RECOVER-011'],
    plant: afterTakeover((publish) => {
      let isForgotten = false;
      return (event) => {
        if (isForgotten) return publish(event);
        isForgotten = true;
        return Promise.resolve(taken);
      };
    }),
  },
  {
    fault: 'doubles the first event after it was taken over',
    found: ['EB-RECOVER-002', 'EB-RECOVER-004', 'EB-RECOVER-007', 'EB-RECOVER-010', 'EB-RECOVER-011'],
    plant: afterTakeover((publish) => {
      let isFirst = true;
      return async (event) => {
        const again = isFirst;
        isFirst = false;
        if (again) await publish(event);
        return publish(event);
      };
    }),
  },
  {
    fault: 'changes the order of the first events after it was taken over',
    found: ['EB-RECOVER-004', 'EB-RECOVER-010', 'EB-RECOVER-011'],
    plant: afterTakeover((publish) => {
      let held: BackendEvent | undefined;
      let count = 0;
      return async (event) => {
        count += 1;
        if (count === 2 && event.type !== 'run-ended') {
          held = event;
          return taken;
        }
        const answer = await publish(event);
        const late = held;
        held = undefined;
        if (late) await publish(late);
        return answer;
      };
    }),
  },
  {
    fault: 'says of every input that it was taken',
    found: ['EB-RECOVER-003'],
    plant: recovering((answer) => (answer.outcome === 'adopted' ? { ...answer, taken: true } : answer)),
  },
  {
    fault: 'says of every input that it was not taken',
    found: ['EB-RECOVER-002', 'EB-RECOVER-004', 'EB-RECOVER-007', 'EB-RECOVER-010'],
    plant: recovering((answer) => (answer.outcome === 'adopted' ? { ...answer, taken: false } : answer)),
  },
  {
    fault: 'adopts what it does not know',
    found: ['EB-RECOVER-001', 'EB-RECOVER-012', 'EB-RECOVER-014', 'EB-DISPOSED-002', 'EB-UNKNOWN-002'],
    plant: recovering((answer) => (answer.outcome === 'lost' ? { outcome: 'adopted', capabilities } : answer)),
  },
  {
    fault: 'finds nothing again',
    found: [
      'EB-RECOVER-002',
      'EB-RECOVER-003',
      'EB-RECOVER-004',
      'EB-RECOVER-005',
      'EB-RECOVER-006',
      'EB-RECOVER-007',
      'EB-RECOVER-008',
      'EB-RECOVER-010',
      'EB-RECOVER-011',
      'EB-RECOVER-013',
      'EB-STALE-002',
      'EB-REPEATED-002',
      'EB-ATONCE-002',
    ],
    plant: recovering(() => ({ outcome: 'lost' })),
  },
  {
    fault: 'runs the input again at a take-over',
    found: ['EB-RECOVER-003'],
    plant: (sound) => ({
      recover: async (request, publisher, call) => {
        const answer = await sound.recover(request, publisher, call);
        const { inputId } = request;
        const input = inputId && { inputId, parts: [{ type: 'text' as const, text: 'complete' }] };
        if (answer.outcome === 'adopted' && input) await sound.dispatch(request.handle, input, call);
        return answer;
      },
    }),
  },
  {
    fault: 'speaks under both generations after a take-over',
    found: ['EB-RECOVER-002', 'EB-RECOVER-004', 'EB-RECOVER-007', 'EB-RECOVER-010'],
    plant: (sound) => {
      const former = new Map<string, ObservationPublisher>();
      const tampered = tampering((publisher) => ({
        publish: (event) => {
          void former.get(publisher.workerId)?.publish(event);
          return publisher.publish(event);
        },
      }));
      return {
        spawn: (request, publisher, call) => {
          former.set(request.workerId, publisher);
          return sound.spawn(request, publisher, call);
        },
        recover: (request, publisher, call) => sound.recover(request, tampered(publisher), call),
      };
    },
  },
  {
    fault: 'never answers a take-over that has no time',
    found: ['EB-RECOVER-009'],
    plant: (sound) => ({
      recover: (request, ...rest) => (request.deadlineMs === 0 ? never() : sound.recover(request, ...rest)),
    }),
  },
  {
    fault: 'has lost what it is asked for a second time',
    found: ['EB-RECOVER-010', 'EB-REPEATED-002', 'EB-ATONCE-002'],
    plant: (sound) => {
      const asked = new Set<string>();
      return {
        recover: async (request, ...rest) => {
          const name = `${request.handle.workerId} ${request.handle.generation}`;
          if (asked.has(name)) return { outcome: 'lost' };
          asked.add(name);
          return sound.recover(request, ...rest);
        },
      };
    },
  },
  {
    fault: 'adopts what was stopped',
    found: ['EB-RECOVER-014'],
    plant: (sound) => {
      const stopped = new Set<string>();
      return {
        stop: (handle, ...rest) => {
          stopped.add(handle.workerId);
          return sound.stop(handle, ...rest);
        },
        recover: async (request, ...rest) => {
          const answer = await sound.recover(request, ...rest);
          return stopped.has(request.handle.workerId) ? { outcome: 'adopted', capabilities } : answer;
        },
      };
    },
  },
  {
    fault: 'adopts from wherever it can, and not from the position',
    found: ['EB-RECOVER-012'],
    plant: (sound) => {
      const recorded = new Map<string, number>();
      const watched = tampering((publisher) => ({
        onRecorded: (listener) =>
          publisher.onRecorded((upTo) => {
            recorded.set(publisher.workerId, upTo.sequence);
            listener(upTo);
          }),
      }));
      return {
        spawn: (request, publisher, call) => sound.spawn(request, watched(publisher), call),
        recover: (request, publisher, call) => {
          const { handle, position } = request;
          const sequence = Math.max(position.sequence, recorded.get(handle.workerId) ?? 0);
          return sound.recover({ ...request, position: { ...position, sequence } }, publisher, call);
        },
      };
    },
  },
  {
    fault: 'lets a run go on that its new host does not know of',
    found: ['EB-RECOVER-013'],
    plant: (sound) => {
      const open = new Map<string, BackendEvent['inputId']>();
      const watched = tampering((publisher) => ({
        publish: (event) => {
          open.set(publisher.workerId, event.type === 'run-ended' ? undefined : event.inputId);
          return publisher.publish(event);
        },
      }));
      return {
        spawn: (request, publisher, call) => sound.spawn(request, watched(publisher), call),
        recover: (request, publisher, call) =>
          sound.recover({ ...request, inputId: request.inputId ?? open.get(request.handle.workerId) }, publisher, call),
      };
    },
  },
];
