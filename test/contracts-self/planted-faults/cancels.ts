import type { InputId } from '../../../src/domain/ids.js';
import type { ExecutionHandle } from '../../../src/ports/execution-backend.js';
import { never, type PlantedFault, publishing, turn } from '../plant.js';

/** Cancels that end nothing, too much, or too early. */
export const cancelFaults: readonly PlantedFault[] = [
  {
    fault: 'publishes the end of a cancelled run after it has answered the cancel',
    found: [
      'EB-CANCEL-001',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-CANCEL-007',
      'EB-CANCEL-009',
      'EB-STOP-003',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
    ],
    plant: publishing((publish) => async (event) => {
      if (event.type === 'run-ended' && event.end === 'cancelled') await turn();
      return publish(event);
    }),
  },
  {
    fault: 'answers a cancel at once and ends the run later',
    found: [
      'EB-CANCEL-001',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-005',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-CANCEL-010',
      'EB-QUESTION-006',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
      'EB-STALE-005',
      'EB-UNKNOWN-005',
    ],
    plant: (sound) => ({
      cancel: async (...call) => {
        void turn().then(() => sound.cancel(...call));
        return Promise.resolve({ outcome: 'accepted' });
      },
    }),
  },
  {
    fault: 'cancels whatever is open',
    found: ['EB-CANCEL-002', 'EB-CANCEL-003'],
    plant: (sound) => {
      const open = new Map<string, InputId>();
      return {
        dispatch: async (handle, input, call) => {
          const answer = await sound.dispatch(handle, input, call);
          if (answer.outcome === 'accepted') open.set(handle.workerId, input.inputId);
          return answer;
        },
        cancel: (handle, request, call) =>
          sound.cancel(handle, { ...request, inputId: open.get(handle.workerId) ?? request.inputId }, call),
      };
    },
  },
  {
    fault: 'cancels the next input where the one that is named has ended',
    found: [
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-REPEATED-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
      'EB-CODE-004',
      'EB-SECRET-004',
    ],
    plant: (sound) => {
      const doomed = new Set<string>();
      return {
        cancel: async (handle, request, call) => {
          const answer = await sound.cancel(handle, request, call);
          if (answer.outcome === 'rejected') doomed.add(handle.workerId);
          return answer;
        },
        dispatch: async (handle, input, call) => {
          const answer = await sound.dispatch(handle, input, call);
          const request = { inputId: input.inputId, deadlineMs: 100 };
          if (answer.outcome === 'accepted' && doomed.delete(handle.workerId))
            await sound.cancel(handle, request, call);
          return answer;
        },
      };
    },
  },
  {
    fault: 'accepts a cancel of what is not open',
    found: ['EB-CANCEL-002', 'EB-CANCEL-003', 'EB-CANCEL-008', 'EB-CANCEL-010', 'EB-UNKNOWN-005'],
    plant: (sound) => ({
      cancel: async (...call) => {
        const answer = await sound.cancel(...call);
        return answer.outcome === 'rejected' ? { outcome: 'accepted' } : answer;
      },
    }),
  },
  {
    fault: 'answers the first of two cancels alone',
    found: [
      'EB-CANCEL-005',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-RECOVER-002',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
    ],
    plant: (sound) => {
      const cancelled = new Set<InputId>();
      return {
        cancel: (handle, request, call) => {
          if (cancelled.has(request.inputId)) return never();
          cancelled.add(request.inputId);
          return sound.cancel(handle, request, call);
        },
      };
    },
  },
  {
    fault: 'takes no input after a cancel',
    found: [
      'EB-DISPATCH-005',
      'EB-CANCEL-004',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-QUESTION-006',
      'EB-PUBLISH-008',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
    ],
    plant: (sound) => {
      const over = new Set<string>();
      return {
        cancel: async (handle, request, call) => {
          const answer = await sound.cancel(handle, request, call);
          if (answer.outcome === 'accepted') over.add(`${handle.workerId} ${handle.generation}`);
          return answer;
        },
        dispatch: async (handle, input, call) =>
          over.has(`${handle.workerId} ${handle.generation}`)
            ? { outcome: 'rejected', code: 'backend-unavailable' }
            : sound.dispatch(handle, input, call),
      };
    },
  },
  {
    fault: 'accepts a cancel and lets the run go on',
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
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-CANCEL-010',
      'EB-STOP-003',
      'EB-STOP-007',
      'EB-QUESTION-005',
      'EB-QUESTION-006',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
      'EB-STALE-005',
      'EB-UNKNOWN-005',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
    ],
    plant: () => ({ cancel: () => Promise.resolve({ outcome: 'accepted' }) }),
  },
  {
    fault: 'never answers a cancel that comes right behind its dispatch',
    found: ['EB-CANCEL-007'],
    plant: (sound) => {
      const undecided = new Set<InputId>();
      return {
        dispatch: async (handle, input, call) => {
          undecided.add(input.inputId);
          await turn();
          undecided.delete(input.inputId);
          return sound.dispatch(handle, input, call);
        },
        cancel: (handle, request, call) =>
          undecided.has(request.inputId) ? never() : sound.cancel(handle, request, call),
      };
    },
  },
  {
    fault: 'never ends a run that is cancelled after it said much',
    found: ['EB-PUBLISH-008'],
    plant: (sound, options) => {
      const spoken = new Map<string, number>();
      const tampered = publishing((publish) => (event) => {
        const count = (spoken.get(event.inputId ?? '') ?? 0) + 1;
        spoken.set(event.inputId ?? '', count);
        const isForgotten = event.type === 'run-ended' && event.end === 'cancelled' && count > 100;
        return isForgotten ? Promise.resolve({ outcome: 'taken' }) : publish(event);
      })(sound, options);
      return tampered;
    },
  },
  {
    fault: 'cancels an input by its id alone, whosever it is',
    found: ['EB-CANCEL-010'],
    plant: (sound) => {
      const takers = new Map<string, ExecutionHandle>();
      return {
        dispatch: (handle, input, call) => {
          takers.set(input.inputId, handle);
          return sound.dispatch(handle, input, call);
        },
        cancel: (handle, request, call) => {
          const taker = takers.get(request.inputId) ?? handle;
          return sound.cancel(taker.workerId === handle.workerId ? handle : taker, request, call);
        },
      };
    },
  },
];
