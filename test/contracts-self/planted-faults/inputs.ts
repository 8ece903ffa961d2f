import { InputId } from '../../../src/domain/ids.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';
import { type Plant, type PlantedFault, publishing } from '../plant.js';

type Dispatch = ExecutionBackend['dispatch'];

/** Runs an input again that it has taken, once `isForgotten` says so. */
const forgetful =
  (isForgotten: (inputId: InputId, taken: readonly InputId[]) => boolean): Plant =>
  (sound, options) => {
    const names = new Map<InputId, InputId>();
    const taken = new Map<string, InputId[]>();
    const tampered = publishing((publish) => (event) => {
      const name = event.inputId && names.get(event.inputId);
      return publish(name ? { ...event, inputId: name } : event);
    })(sound, options);
    const dispatch: Dispatch = async (handle, input, call) => {
      const former = taken.get(handle.workerId) ?? [];
      taken.set(handle.workerId, former);
      const isAgain = former.includes(input.inputId) && isForgotten(input.inputId, former);
      const inputId = isAgain ? InputId(crypto.randomUUID()) : input.inputId;
      if (isAgain) names.set(inputId, input.inputId);
      const answer = await sound.dispatch(handle, { ...input, inputId }, call);
      if (answer.outcome === 'accepted' && !former.includes(input.inputId)) former.push(input.inputId);
      return answer;
    };
    return { ...tampered, dispatch };
  };

/** Inputs that are taken, refused or forgotten wrongly. */
export const inputFaults: readonly PlantedFault[] = [
  {
    fault: 'says accepted when it is busy, and runs nothing',
    found: ['EB-DISPATCH-002', 'EB-DISPATCH-010', 'EB-EVENT-007', 'EB-STOP-010', 'EB-ATONCE-007', 'EB-TIME-002'],
    plant: (sound) => ({
      dispatch: async (...call) => {
        const answer = await sound.dispatch(...call);
        return answer.outcome === 'busy' ? { outcome: 'accepted' } : answer;
      },
    }),
  },
  {
    fault: 'says rejected when it is busy',
    found: ['EB-DISPATCH-002', 'EB-EVENT-007', 'EB-STOP-010', 'EB-ATONCE-007', 'EB-TIME-002'],
    plant: (sound) => ({
      dispatch: async (...call) => {
        const answer = await sound.dispatch(...call);
        return answer.outcome === 'busy' ? { outcome: 'rejected', code: 'backend-rejected' } : answer;
      },
    }),
  },
  {
    fault: 'runs an input again that it has taken',
    found: [
      'EB-SPAWN-003',
      'EB-DISPATCH-003',
      'EB-DISPATCH-004',
      'EB-DISPATCH-009',
      'EB-RECOVER-005',
      'EB-REPEATED-003',
      'EB-ABORTED-003',
      'EB-MIDWAY-003',
    ],
    plant: forgetful(() => true),
  },
  {
    fault: 'remembers only one input',
    found: ['EB-DISPATCH-004', 'EB-DISPATCH-009'],
    plant: forgetful((inputId, taken) => taken.at(-1) !== inputId),
  },
  {
    fault: 'remembers only eight inputs',
    found: ['EB-DISPATCH-009'],
    plant: forgetful((inputId, taken) => !taken.slice(-8).includes(inputId)),
  },
  {
    fault: 'remembers what it has refused',
    found: ['EB-DISPATCH-005', 'EB-DISPATCH-010', 'EB-EVENT-007'],
    plant: (sound) => {
      const refused = new Set<InputId>();
      return {
        dispatch: async (handle, input, call) => {
          if (refused.has(input.inputId)) return { outcome: 'accepted' };
          const answer = await sound.dispatch(handle, input, call);
          if (answer.outcome === 'busy') refused.add(input.inputId);
          return answer;
        },
      };
    },
  },
  {
    fault: 'takes inputs for Workers that were never spawned',
    found: ['EB-SPAWN-005', 'EB-STOP-004', 'EB-DISPOSED-003', 'EB-UNKNOWN-003'],
    plant: (sound) => ({
      dispatch: async (...call) => {
        const answer = await sound.dispatch(...call);
        return answer.outcome === 'rejected' ? { outcome: 'accepted' } : answer;
      },
    }),
  },
  {
    fault: 'runs one Worker at a time',
    found: [
      'EB-SPAWN-003',
      'EB-SPAWN-006',
      'EB-DISPATCH-002',
      'EB-DISPATCH-003',
      'EB-DISPATCH-004',
      'EB-DISPATCH-009',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-010',
      'EB-STOP-007',
      'EB-QUESTION-005',
      'EB-QUESTION-008',
      'EB-PUBLISH-001',
      'EB-PUBLISH-002',
      'EB-PUBLISH-004',
      'EB-RECOVER-005',
      'EB-RECOVER-013',
      'EB-EXIT-001',
      'EB-REPEATED-003',
      'EB-LEFTOVER-001',
    ],
    plant: (sound, options) => {
      const open = new Set<string>();
      const tampered = publishing((publish) => (event) => {
        if (event.type === 'run-ended') open.delete(event.inputId ?? '');
        return publish(event);
      })(sound, options);
      return {
        ...tampered,
        dispatch: async (handle, input, call) => {
          if (open.size > 0 && !open.has(input.inputId)) return { outcome: 'busy' };
          open.add(input.inputId);
          const answer = await sound.dispatch(handle, input, call);
          if (answer.outcome !== 'accepted') open.delete(input.inputId);
          return answer;
        },
      };
    },
  },
  {
    fault: 'cancels a run whose caller leaves',
    found: ['EB-DISPATCH-008'],
    plant: (sound) => ({
      dispatch: async (handle, input, call) => {
        const answer = await sound.dispatch(handle, input, call);
        const request = { inputId: input.inputId, deadlineMs: 100 };
        const { signal } = new AbortController();
        call.signal.addEventListener('abort', () => void sound.cancel(handle, request, { signal }));
        return answer;
      },
    }),
  },
  {
    fault: 'needs more of a handle than JSON keeps',
    found: ['EB-SPAWN-008'],
    plant: (sound) => ({
      dispatch: async (handle, input, call) =>
        Object.keys(handle).includes('recoverState')
          ? sound.dispatch(handle, input, call)
          : { outcome: 'rejected', code: 'backend-unavailable' },
    }),
  },
  {
    fault: 'takes the id of an input for taken where another Worker took it',
    found: ['EB-DISPATCH-012'],
    plant: (sound) => {
      const taken = new Map<string, string>();
      return {
        dispatch: async (handle, input, call) => {
          if ((taken.get(input.inputId) ?? handle.workerId) !== handle.workerId) return { outcome: 'accepted' };
          const answer = await sound.dispatch(handle, input, call);
          if (answer.outcome === 'accepted') taken.set(input.inputId, handle.workerId);
          return answer;
        },
      };
    },
  },
];
