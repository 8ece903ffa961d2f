import { type PlantedFault, turn } from '../plant.js';

/** Answers of the wrong shape, or thrown. */
export const answerFaults: readonly PlantedFault[] = [
  {
    fault: 'throws where a Worker is unknown',
    found: ['EB-SPAWN-005', 'EB-STOP-004', 'EB-DISPOSED-003', 'EB-UNKNOWN-003'],
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
      'EB-CANCEL-010',
      'EB-QUESTION-006',
      'EB-PUBLISH-006',
      'EB-PUBLISH-008',
      'EB-RECOVER-002',
      'EB-STALE-005',
      'EB-DISPOSED-005',
      'EB-UNKNOWN-005',
      'EB-REPEATED-005',
      'EB-ATONCE-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
      'EB-CODE-002',
      'EB-CODE-004',
      'EB-SECRET-002',
      'EB-SECRET-004',
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
      'EB-QUESTION-011',
      'EB-RECOVER-006',
      'EB-STALE-004',
      'EB-DISPOSED-004',
      'EB-UNKNOWN-004',
      'EB-REPEATED-004',
      'EB-ATONCE-004',
      'EB-ATONCE-008',
      'EB-ABORTED-004',
      'EB-MIDWAY-004',
      'EB-CRASH-004',
      'EB-CODE-002',
      'EB-CODE-004',
      'EB-SECRET-002',
      'EB-SECRET-004',
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
    found: ['EB-SPAWN-007', 'EB-CODE-001', 'EB-SECRET-001', 'EB-LEFTOVER-003'],
    plant: (sound) => ({
      spawn: async (...call) => {
        const answer = await sound.spawn(...call);
        if (answer.outcome === 'errored' && answer.code === undefined) throw new Error('refused');
        return answer;
      },
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
];
