import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';
import { never, type Plant, type PlantedFault, publishing, tampering, through, turn } from '../plant.js';

const dayMs = 24 * 60 * 60 * 1000;
const { signal } = new AbortController();

/** What a connection that is cut does to the calls that are open, and to those of later. */
const whileCut =
  (tamper: Partial<Record<'spawn' | 'dispatch' | 'answer' | 'cancel' | 'stop', true>>): Plant =>
  (sound) => {
    const hanging = <T extends { readonly outcome: string; readonly code?: string | undefined }>(
      answer: Promise<T>,
    ): Promise<T> =>
      answer.then((given) => (given.outcome === 'unknown' || given.code === 'backend-disconnected' ? never() : given));
    const plant: Partial<ExecutionBackend> = {
      ...(tamper.spawn && { spawn: (...call) => hanging(sound.spawn(...call)) }),
      ...(tamper.dispatch && { dispatch: (...call) => hanging(sound.dispatch(...call)) }),
      ...(tamper.answer && { answer: (...call) => hanging(sound.answer(...call)) }),
      ...(tamper.cancel && { cancel: (...call) => hanging(sound.cancel(...call)) }),
      ...(tamper.stop && { stop: (...call) => hanging(sound.stop(...call)) }),
    };
    return plant;
  };

/** Crashes, cuts and days that are not outlived. */
export const lossFaults: readonly PlantedFault[] = [
  {
    fault: 'does not tell that an execution crashed',
    found: ['EB-EXIT-001', 'EB-EXIT-003'],
    plant: through(tampering(() => ({ disconnect: () => Promise.resolve() }))),
  },
  {
    fault: 'tells twice that an execution crashed',
    found: ['EB-EXIT-001'],
    plant: (sound) => {
      const publishers = new Map<string, () => Promise<void>>();
      const tampered = tampering((publisher) => {
        publishers.set(publisher.workerId, () => publisher.disconnect({ kind: 'unknown' }));
        return {};
      });
      return {
        ...through(tampered)(sound, {}),
        crash: async (handle) => {
          await publishers.get(handle.workerId)?.();
          await sound.crash(handle);
        },
      };
    },
  },
  {
    fault: 'takes inputs for what has crashed',
    found: ['EB-EXIT-001'],
    plant: (sound) => ({
      dispatch: async (...call) => {
        const answer = await sound.dispatch(...call);
        const isGone = answer.outcome === 'errored' && answer.code === 'backend-disconnected';
        return isGone ? { outcome: 'accepted' } : answer;
      },
    }),
  },
  {
    fault: 'never answers a call that is open when its execution crashes',
    found: [
      'EB-EXIT-001',
      'EB-EXIT-002',
      'EB-CRASH-001',
      'EB-CRASH-002',
      'EB-CRASH-003',
      'EB-CRASH-004',
      'EB-CRASH-006',
    ],
    plant: (sound) => {
      const hanging = async <T extends { readonly outcome: string; readonly code?: string | undefined }>(
        asked: Promise<T>,
      ): Promise<T> => {
        const answer = await asked;
        return answer.code === 'backend-disconnected' ? never() : answer;
      };
      return {
        spawn: (...call) => hanging(sound.spawn(...call)),
        recover: (...call) => hanging(sound.recover(...call)),
        dispatch: (...call) => hanging(sound.dispatch(...call)),
        answer: (...call) => hanging(sound.answer(...call)),
        cancel: (...call) => hanging(sound.cancel(...call)),
        stop: (...call) => hanging(sound.stop(...call)),
      };
    },
  },
  {
    fault: 'spawns nothing again of what has crashed',
    found: ['EB-EXIT-003'],
    plant: (sound) => {
      const crashed = new Set<string>();
      return {
        crash: (handle) => {
          crashed.add(handle.workerId);
          return sound.crash(handle);
        },
        spawn: async (request, ...rest) =>
          crashed.has(request.workerId)
            ? { outcome: 'rejected', code: 'backend-unavailable' }
            : sound.spawn(request, ...rest),
      };
    },
  },
  {
    fault: 'ends a run that has been open for hours',
    found: ['EB-TIME-001', 'EB-TIME-002'],
    plant: (sound, { clock }) => ({
      dispatch: async (handle, input, call) => {
        const answer = await sound.dispatch(handle, input, call);
        const request = { inputId: input.inputId, deadlineMs: 100 };
        if (answer.outcome === 'accepted')
          clock?.after(dayMs / 4, () => void sound.cancel(handle, request, { signal }));
        return answer;
      },
    }),
  },
  {
    fault: 'ends an execution that was spawned hours ago',
    found: ['EB-TIME-001', 'EB-TIME-002', 'EB-TIME-003'],
    plant: (sound, { clock }) => ({
      spawn: async (request, publisher, call) => {
        const answer = await sound.spawn(request, publisher, call);
        clock?.after(dayMs / 4, () => void sound.stop(request, { graceMs: 0 }, { signal }));
        return answer;
      },
    }),
  },
  {
    fault: 'loses what is said right after a cut',
    found: ['EB-CUT-001', 'EB-CUT-003', 'EB-CUT-005', 'EB-CUT-006'],
    linked: true,
    plant: (sound, options) => {
      let lost = 0;
      return {
        ...publishing((publish) => (event) => {
          if (lost === 0) return publish(event);
          lost -= 1;
          return Promise.resolve({ outcome: 'taken' });
        })(sound, options),
        crash: async (handle) => {
          lost = 1;
          await sound.crash(handle);
        },
      };
    },
  },
  {
    fault: 'doubles what is said right after a cut',
    found: ['EB-CUT-001', 'EB-CUT-002', 'EB-CUT-003', 'EB-CUT-005', 'EB-CUT-006', 'EB-CUT-008'],
    linked: true,
    plant: (sound, options) => {
      let doubled = 0;
      return {
        ...publishing((publish) => async (event) => {
          if (doubled > 0) {
            doubled -= 1;
            await publish(event);
          }
          return publish(event);
        })(sound, options),
        crash: async (handle) => {
          doubled = 1;
          await sound.crash(handle);
        },
      };
    },
  },
  {
    fault: 'never answers a spawn that is cut off',
    found: ['EB-SPAWN-009', 'EB-CUT-007', 'EB-ABORTED-001', 'EB-MIDWAY-001'],
    linked: true,
    plant: whileCut({ spawn: true }),
  },
  {
    fault: 'never answers an input that is cut off',
    found: [
      'EB-SPAWN-005',
      'EB-STOP-004',
      'EB-STOP-006',
      'EB-CUT-002',
      'EB-DISPOSED-003',
      'EB-UNKNOWN-003',
      'EB-ABORTED-003',
      'EB-MIDWAY-003',
    ],
    linked: true,
    plant: whileCut({ dispatch: true }),
  },
  {
    fault: 'never answers an answer that is cut off',
    found: ['EB-QUESTION-010', 'EB-CUT-008', 'EB-DISPOSED-004', 'EB-UNKNOWN-004', 'EB-ABORTED-004', 'EB-MIDWAY-004'],
    linked: true,
    plant: whileCut({ answer: true }),
  },
  {
    fault: 'never answers a cancel that is cut off',
    found: ['EB-CUT-003', 'EB-DISPOSED-005', 'EB-UNKNOWN-005', 'EB-ABORTED-005', 'EB-MIDWAY-005'],
    linked: true,
    plant: whileCut({ cancel: true }),
  },
  {
    fault: 'never answers a stop that is cut off',
    found: ['EB-CUT-006', 'EB-DISPOSED-006', 'EB-ABORTED-006', 'EB-MIDWAY-006'],
    linked: true,
    plant: whileCut({ stop: true }),
  },
  {
    fault: 'does not tell what became of an input that was cut off',
    found: ['EB-CUT-002'],
    linked: true,
    plant: through(tampering(() => ({ decide: () => Promise.resolve() }))),
  },
  {
    fault: 'asks again after a cut',
    found: ['EB-CUT-004', 'EB-CUT-008'],
    linked: true,
    plant: (sound) => {
      const asked = new Map<string, () => Promise<unknown>>();
      const tampered = tampering((publisher) => ({
        publish: (event) => {
          if (event.type === 'question-asked') asked.set(publisher.workerId, () => publisher.publish(event));
          return publisher.publish(event);
        },
      }));
      return {
        ...through(tampered)(sound, {}),
        crash: async (handle) => {
          await sound.crash(handle);
          await turn();
          for (const ask of asked.values()) await ask();
        },
      };
    },
  },
];
