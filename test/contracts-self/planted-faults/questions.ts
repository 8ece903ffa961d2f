import type { QuestionId } from '../../../src/domain/ids.js';
import { QuestionId as questionId } from '../../../src/domain/ids.js';
import type { ExecutionHandle } from '../../../src/ports/execution-backend.js';
import { type PlantedFault, publishing, through, tampering } from '../plant.js';

const { signal } = new AbortController();

/** Questions that are answered, closed or named wrongly. */
export const questionFaults: readonly PlantedFault[] = [
  {
    fault: 'answers a question by default',
    found: [
      'EB-QUESTION-001',
      'EB-QUESTION-003',
      'EB-QUESTION-004',
      'EB-QUESTION-005',
      'EB-QUESTION-008',
      'EB-QUESTION-009',
      'EB-QUESTION-011',
      'EB-RECOVER-006',
      'EB-REPEATED-004',
      'EB-ATONCE-004',
      'EB-ATONCE-008',
      'EB-TIME-001',
    ],
    plant: (sound) =>
      through(
        tampering((publisher) => ({
          publish: (event) => {
            const published = publisher.publish(event);
            if (event.type !== 'question-asked') return published;
            const { workerId, generation } = publisher;
            const answer = { questionId: event.questionId, answer: { text: 'yes' } };
            return published.then((result) =>
              sound.answer({ workerId, generation }, answer, { signal }).then(() => result),
            );
          },
        })),
      )(sound, {}),
  },
  {
    fault: 'accepts answers to what is closed or was never asked',
    found: [
      'EB-QUESTION-003',
      'EB-QUESTION-004',
      'EB-QUESTION-006',
      'EB-QUESTION-007',
      'EB-QUESTION-009',
      'EB-QUESTION-010',
      'EB-QUESTION-011',
      'EB-UNKNOWN-004',
      'EB-ATONCE-008',
    ],
    plant: (sound) => ({
      answer: async (...call) => {
        const answer = await sound.answer(...call);
        return answer.outcome === 'rejected' ? { outcome: 'accepted' } : answer;
      },
    }),
  },
  {
    fault: 'goes on with an answer before it has answered',
    found: ['EB-QUESTION-002'],
    plant: (sound, options) => {
      const goneOn = new Set<() => void>();
      const telling = publishing((publish) => (event) => {
        for (const resolve of goneOn) resolve();
        goneOn.clear();
        return publish(event);
      });
      return {
        ...telling(sound, options),
        answer: async (...call) => {
          const next = new Promise<void>((resolve) => goneOn.add(resolve));
          const answer = await sound.answer(...call);
          if (answer.outcome === 'accepted') await next;
          return answer;
        },
      };
    },
  },
  {
    fault: 'withdraws a question without a word',
    found: ['EB-QUESTION-007'],
    plant: publishing(
      (publish) => (event) =>
        event.type === 'question-withdrawn' ? Promise.resolve({ outcome: 'taken' }) : publish(event),
    ),
  },
  {
    fault: 'withdraws a question twice',
    found: ['EB-QUESTION-007'],
    plant: publishing(
      (publish) => (event) =>
        event.type === 'question-withdrawn' ? publish(event).then(() => publish(event)) : publish(event),
    ),
  },
  {
    fault: 'gives every question of a Worker the same id',
    found: ['EB-QUESTION-009', 'EB-RECOVER-006'],
    plant: (sound, options) => {
      const latest = new Map<string, QuestionId>();
      const only = questionId('question');
      return {
        ...publishing((publish, { workerId }) => (event) => {
          if (event.type === 'question-asked') latest.set(workerId, event.questionId);
          return publish('questionId' in event ? { ...event, questionId: only } : event);
        })(sound, options),
        answer: (handle, { questionId: asked, answer }, call) => {
          const known = asked === only ? (latest.get(handle.workerId) ?? asked) : asked;
          return sound.answer(handle, { questionId: known, answer }, call);
        },
      };
    },
  },
  {
    fault: 'gives an answer to every Worker that waits for one',
    found: ['EB-QUESTION-005', 'EB-QUESTION-008'],
    plant: (sound, options) => {
      const waiting = new Map<QuestionId, ExecutionHandle>();
      return {
        ...publishing((publish, { workerId, generation }) => (event) => {
          if (event.type === 'question-asked') waiting.set(event.questionId, { workerId, generation });
          return publish(event);
        })(sound, options),
        answer: async (handle, answer, call) => {
          const given = await sound.answer(handle, answer, call);
          if (given.outcome !== 'accepted') return given;
          for (const [other, one] of waiting) await sound.answer(one, { ...answer, questionId: other }, call);
          return given;
        },
      };
    },
  },
  {
    fault: 'answers a question itself after an hour',
    found: ['EB-TIME-001'],
    plant: (sound, { clock }) => ({
      ...publishing((publish, { workerId, generation }) => (event) => {
        if (event.type === 'question-asked') {
          const answer = { questionId: event.questionId, answer: { text: 'yes' } };
          clock?.after(3_600_000, () => void sound.answer({ workerId, generation }, answer, { signal }));
        }
        return publish(event);
      })(sound, {}),
    }),
  },
  {
    fault: 'takes any answer as the one to the open question',
    found: ['EB-QUESTION-003', 'EB-QUESTION-009'],
    plant: (sound, options) => {
      const latest = new Map<string, QuestionId>();
      return {
        ...publishing((publish, { workerId }) => (event) => {
          if (event.type === 'question-asked') latest.set(workerId, event.questionId);
          return publish(event);
        })(sound, options),
        answer: (handle, answer, call) =>
          sound.answer(handle, { ...answer, questionId: latest.get(handle.workerId) ?? answer.questionId }, call),
      };
    },
  },
  {
    fault: 'takes an answer by the id of its question alone, whosever it is',
    found: ['EB-QUESTION-011'],
    plant: (sound) => {
      const askers = new Map<string, ExecutionHandle>();
      const noting = through(
        tampering((publisher) => ({
          publish: (event) => {
            if (event.type === 'question-asked') askers.set(event.questionId, publisher);
            return publisher.publish(event);
          },
        })),
      );
      return {
        ...noting(sound, {}),
        answer: (handle, request, call) => {
          const { workerId, generation } = askers.get(request.questionId) ?? handle;
          return sound.answer(workerId === handle.workerId ? handle : { workerId, generation }, request, call);
        },
      };
    },
  },
];
