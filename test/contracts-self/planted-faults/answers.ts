import { isEnd, never, type PlantedFault, publishing, turn } from '../plant.js';

/** Answers that are missing, of the wrong shape, or thrown. */
export const answerFaults: readonly PlantedFault[] = [
  {
    fault: 'throws where a Worker is unknown',
    found: ['EB-SPAWN-005', 'EB-DISPATCH-006', 'EB-STOP-004', 'EB-DISPOSED-003', 'EB-UNKNOWN-003', 'EB-CODE-003'],
    plant: (sound) => ({
      dispatch: async (...call) => {
        const answer = await sound.dispatch(...call);
        if (answer.outcome === 'rejected') throw new Error('no such worker');
        return answer;
      },
    }),
  },
  {
    fault: 'answers a cancel with a word of its own',
    found: [
      'EB-CANCEL-001',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-CANCEL-007',
      'EB-CANCEL-008',
      'EB-CANCEL-009',
      'EB-QUESTION-006',
      'EB-PUBLISH-006',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
      'EB-STALE-005',
      'EB-ABORTED-005',
      'EB-DISPOSED-005',
      'EB-UNKNOWN-005',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-MIDWAY-005',
      'EB-CODE-002',
      'EB-CODE-003',
      'EB-CODE-004',
    ],
    plant: (sound) => ({
      cancel: async (...call) => {
        await sound.cancel(...call);
        return { outcome: 'done' } as never;
      },
    }),
  },
  {
    fault: 'answers nothing to an answer',
    found: [
      'EB-QUESTION-001',
      'EB-QUESTION-003',
      'EB-QUESTION-004',
      'EB-QUESTION-005',
      'EB-QUESTION-006',
      'EB-QUESTION-007',
      'EB-QUESTION-008',
      'EB-QUESTION-009',
      'EB-QUESTION-010',
      'EB-RECOVER-006',
      'EB-STALE-004',
      'EB-ABORTED-004',
      'EB-DISPOSED-004',
      'EB-UNKNOWN-004',
      'EB-REPEATED-004',
      'EB-ATONCE-004',
      'EB-MIDWAY-004',
      'EB-CRASH-004',
      'EB-CODE-002',
      'EB-CODE-003',
      'EB-CODE-004',
      'EB-TIME-001',
    ],
    plant: (sound) => ({
      answer: async (...call) => {
        await sound.answer(...call);
        return undefined as never;
      },
    }),
  },
  {
    fault: 'throws at a profile that it refuses',
    found: ['EB-SPAWN-007', 'EB-CODE-001', 'EB-LEFTOVER-003'],
    plant: (sound) => ({
      spawn: async (...call) => {
        const answer = await sound.spawn(...call);
        if (answer.outcome === 'errored' && answer.code === undefined) throw new Error('refused');
        return answer;
      },
    }),
  },
  {
    fault: 'never answers a cancel',
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
      'EB-STOP-003',
      'EB-STOP-007',
      'EB-QUESTION-005',
      'EB-QUESTION-006',
      'EB-PUBLISH-006',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
      'EB-EXIT-002',
      'EB-STALE-005',
      'EB-ABORTED-005',
      'EB-DISPOSED-005',
      'EB-UNKNOWN-005',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-MIDWAY-005',
      'EB-CODE-002',
      'EB-CODE-003',
      'EB-CODE-004',
    ],
    plant: () => ({ cancel: never }),
  },
  {
    fault: 'never answers an answer',
    found: [
      'EB-QUESTION-001',
      'EB-QUESTION-002',
      'EB-QUESTION-003',
      'EB-QUESTION-004',
      'EB-QUESTION-005',
      'EB-QUESTION-006',
      'EB-QUESTION-007',
      'EB-QUESTION-008',
      'EB-QUESTION-009',
      'EB-QUESTION-010',
      'EB-RECOVER-006',
      'EB-STALE-004',
      'EB-ABORTED-004',
      'EB-DISPOSED-004',
      'EB-UNKNOWN-004',
      'EB-REPEATED-004',
      'EB-ATONCE-004',
      'EB-MIDWAY-004',
      'EB-CRASH-004',
      'EB-CODE-002',
      'EB-CODE-003',
      'EB-CODE-004',
      'EB-TIME-001',
    ],
    plant: () => ({ answer: never }),
  },
  {
    fault: 'never answers a stop',
    found: [
      'EB-STOP-001',
      'EB-STOP-002',
      'EB-STOP-003',
      'EB-STOP-004',
      'EB-STOP-005',
      'EB-STOP-006',
      'EB-STOP-007',
      'EB-STOP-008',
      'EB-STOP-009',
      'EB-STOP-010',
      'EB-QUESTION-010',
      'EB-PUBLISH-006',
      'EB-PUBLISH-007',
      'EB-PUBLISH-009',
      'EB-RECOVER-014',
      'EB-STALE-006',
      'EB-ABORTED-006',
      'EB-DISPOSED-006',
      'EB-REPEATED-006',
      'EB-ATONCE-006',
      'EB-MIDWAY-006',
      'EB-CRASH-006',
      'EB-CODE-002',
      'EB-CODE-003',
      'EB-LEFTOVER-002',
    ],
    plant: () => ({ stop: never }),
  },
  {
    fault: 'never answers a recover',
    found: [
      'EB-RECOVER-001',
      'EB-RECOVER-002',
      'EB-RECOVER-003',
      'EB-RECOVER-004',
      'EB-RECOVER-005',
      'EB-RECOVER-006',
      'EB-RECOVER-007',
      'EB-RECOVER-008',
      'EB-RECOVER-009',
      'EB-RECOVER-010',
      'EB-RECOVER-011',
      'EB-RECOVER-012',
      'EB-RECOVER-013',
      'EB-RECOVER-014',
      'EB-STALE-002',
      'EB-ABORTED-002',
      'EB-DISPOSED-002',
      'EB-UNKNOWN-002',
      'EB-REPEATED-002',
      'EB-ATONCE-002',
      'EB-MIDWAY-002',
      'EB-CRASH-002',
      'EB-CODE-002',
      'EB-CODE-003',
    ],
    plant: () => ({ recover: never }),
  },
  {
    fault: 'never answers a stop without grace',
    found: ['EB-STOP-005'],
    plant: (sound) => ({
      stop: async (handle, request, call) => (request.graceMs === 0 ? never() : sound.stop(handle, request, call)),
    }),
  },
  {
    fault: 'never answers who has left already',
    found: ['EB-ABORTED-001', 'EB-ABORTED-002', 'EB-ABORTED-003', 'EB-ABORTED-004', 'EB-ABORTED-005', 'EB-ABORTED-006'],
    plant: (sound) => ({
      spawn: (...call) => (call[2].signal.aborted ? never() : sound.spawn(...call)),
      recover: (...call) => (call[2].signal.aborted ? never() : sound.recover(...call)),
      dispatch: (...call) => (call[2].signal.aborted ? never() : sound.dispatch(...call)),
      answer: (...call) => (call[2].signal.aborted ? never() : sound.answer(...call)),
      cancel: (...call) => (call[2].signal.aborted ? never() : sound.cancel(...call)),
      stop: (...call) => (call[2].signal.aborted ? never() : sound.stop(...call)),
    }),
  },
  {
    fault: 'throws at who leaves while a call is under way',
    found: [
      'EB-SPAWN-009',
      'EB-QUESTION-002',
      'EB-MIDWAY-001',
      'EB-MIDWAY-002',
      'EB-MIDWAY-003',
      'EB-MIDWAY-004',
      'EB-MIDWAY-005',
      'EB-MIDWAY-006',
    ],
    plant: (sound) => {
      const unlessLeft = async <T>(signal: AbortSignal, answer: Promise<T>): Promise<T> => {
        const wasThere = !signal.aborted;
        const given = await answer;
        await turn();
        if (wasThere) signal.throwIfAborted();
        return given;
      };
      return {
        spawn: (...call) => unlessLeft(call[2].signal, sound.spawn(...call)),
        recover: (...call) => unlessLeft(call[2].signal, sound.recover(...call)),
        dispatch: (...call) => unlessLeft(call[2].signal, sound.dispatch(...call)),
        answer: (...call) => unlessLeft(call[2].signal, sound.answer(...call)),
        cancel: (...call) => unlessLeft(call[2].signal, sound.cancel(...call)),
        stop: (...call) => unlessLeft(call[2].signal, sound.stop(...call)),
      };
    },
  },
  {
    fault: 'answers a dispatch when its run has ended',
    found: [
      'EB-SPAWN-003',
      'EB-SPAWN-004',
      'EB-SPAWN-007',
      'EB-DISPATCH-002',
      'EB-DISPATCH-003',
      'EB-DISPATCH-004',
      'EB-DISPATCH-005',
      'EB-DISPATCH-009',
      'EB-EVENT-002',
      'EB-CANCEL-001',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-004',
      'EB-CANCEL-005',
      'EB-CANCEL-008',
      'EB-STOP-003',
      'EB-STOP-005',
      'EB-STOP-006',
      'EB-STOP-007',
      'EB-STOP-010',
      'EB-QUESTION-001',
      'EB-QUESTION-002',
      'EB-QUESTION-003',
      'EB-QUESTION-004',
      'EB-QUESTION-005',
      'EB-QUESTION-006',
      'EB-QUESTION-008',
      'EB-QUESTION-009',
      'EB-QUESTION-010',
      'EB-PUBLISH-001',
      'EB-PUBLISH-002',
      'EB-PUBLISH-004',
      'EB-PUBLISH-005',
      'EB-PUBLISH-006',
      'EB-PUBLISH-008',
      'EB-PUBLISH-009',
      'EB-RECOVER-002',
      'EB-RECOVER-005',
      'EB-RECOVER-006',
      'EB-RECOVER-011',
      'EB-RECOVER-013',
      'EB-EXIT-001',
      'EB-EXIT-002',
      'EB-DISPOSED-007',
      'EB-REPEATED-003',
      'EB-REPEATED-004',
      'EB-REPEATED-005',
      'EB-REPEATED-006',
      'EB-ATONCE-003',
      'EB-ATONCE-004',
      'EB-ATONCE-005',
      'EB-ATONCE-006',
      'EB-MIDWAY-004',
      'EB-MIDWAY-005',
      'EB-MIDWAY-006',
      'EB-CRASH-004',
      'EB-CRASH-006',
      'EB-TIME-001',
      'EB-TIME-002',
      'EB-LEFTOVER-001',
      'EB-LEFTOVER-002',
    ],
    plant: (sound, options) => {
      const ended = new Map<string, () => void>();
      const tampered = publishing((publish) => (event) => {
        if (isEnd(event)) ended.get(event.inputId ?? '')?.();
        return publish(event);
      })(sound, options);
      return {
        ...tampered,
        dispatch: async (handle, input, call) => {
          const end = new Promise<void>((resolve) => ended.set(input.inputId, resolve));
          const answer = await sound.dispatch(handle, input, call);
          if (answer.outcome === 'accepted') await end;
          return answer;
        },
      };
    },
  },
  {
    fault: 'answers nothing once it is disposed',
    found: [
      'EB-DISPOSED-001',
      'EB-DISPOSED-002',
      'EB-DISPOSED-003',
      'EB-DISPOSED-004',
      'EB-DISPOSED-005',
      'EB-DISPOSED-006',
      'EB-CODE-003',
    ],
    plant: (sound) => {
      let disposed = false;
      return {
        spawn: (...call) => (disposed ? never() : sound.spawn(...call)),
        recover: (...call) => (disposed ? never() : sound.recover(...call)),
        dispatch: (...call) => (disposed ? never() : sound.dispatch(...call)),
        answer: (...call) => (disposed ? never() : sound.answer(...call)),
        cancel: (...call) => (disposed ? never() : sound.cancel(...call)),
        stop: (...call) => (disposed ? never() : sound.stop(...call)),
        [Symbol.asyncDispose]: () => {
          disposed = true;
          return sound[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    fault: 'connects and accepts once it is disposed',
    found: ['EB-DISPOSED-001', 'EB-DISPOSED-002', 'EB-DISPOSED-003'],
    plant: (sound) => {
      let disposed = false;
      return {
        spawn: async (...call) => {
          const answer = await sound.spawn(...call);
          const capabilities = { cancel: true, stop: true, recover: true, questions: true };
          return disposed ? { outcome: 'connected', capabilities } : answer;
        },
        recover: async (...call) => {
          const answer = await sound.recover(...call);
          const capabilities = { cancel: true, stop: true, recover: true, questions: true };
          return disposed ? { outcome: 'adopted', capabilities } : answer;
        },
        dispatch: async (...call) => (disposed ? { outcome: 'accepted' } : sound.dispatch(...call)),
        [Symbol.asyncDispose]: () => {
          disposed = true;
          return sound[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    fault: 'is not disposed a second time',
    found: [
      'EB-DISPOSED-001',
      'EB-DISPOSED-002',
      'EB-DISPOSED-003',
      'EB-DISPOSED-004',
      'EB-DISPOSED-005',
      'EB-DISPOSED-006',
      'EB-DISPOSED-007',
      'EB-CODE-003',
      'EB-LEFTOVER-001',
      'EB-LEFTOVER-002',
      'EB-LEFTOVER-003',
    ],
    plant: (sound) => {
      let disposals = 0;
      return {
        [Symbol.asyncDispose]: () => {
          disposals += 1;
          return disposals > 1 ? never() : sound[Symbol.asyncDispose]();
        },
      };
    },
  },
];
