import { InputId } from '../../src/domain/ids.js';
import type { BackendEvent } from '../../src/domain/observation/event.js';
import type { ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import type { ExecutionBackend, ExecutionHandle } from '../../src/ports/execution-backend.js';
import type { ObservationPublisher } from '../../src/ports/observation-publisher.js';
import { scriptedBackend } from '../support/contracts/generator-harness.js';

type Overrides = (sound: ExecutionBackend) => Partial<ExecutionBackend>;
type Publish = ObservationPublisher['publish'];

export interface PlantedFault {
  /** What the backend does wrong. */
  readonly fault: string;
  /** Exactly the cases that find it. */
  readonly found: readonly string[];
  /** What its harness says otherwise than that of the sound backend. */
  readonly harness?: Partial<ExecutionBackendHarness>;
  create(): ExecutionBackend;
}

function overridden(overrides: Overrides): ExecutionBackend {
  const sound = scriptedBackend();
  return { ...sound, ...overrides(sound) };
}

function publishing(tamper: (publish: Publish) => Publish): ExecutionBackend {
  return overridden((sound) => ({
    spawn: (request, publisher, call) => {
      const publish = tamper((event) => publisher.publish(event));
      const { workerId, generation } = publisher;
      return sound.spawn(request, { ...rest(publisher), workerId, generation, publish }, call);
    },
  }));
}

const rest = (publisher: ObservationPublisher): Pick<ObservationPublisher, 'disconnect' | 'onRecorded' | 'decide'> => ({
  disconnect: (exit) => publisher.disconnect(exit),
  onRecorded: (listener) => publisher.onRecorded(listener),
  decide: (inputId, taken) => publisher.decide(inputId, taken),
});

const isEnd = (event: BackendEvent): boolean => event.type === 'run-ended';

function forgetful(): ExecutionBackend {
  const ran = new Map<string, InputId>();
  const sound = publishing((publish) => (event) => {
    const known = [...ran].find(([, renamed]) => renamed === event.inputId)?.[0];
    return publish(known === undefined ? event : { ...event, inputId: InputId(known) });
  });
  return {
    ...sound,
    dispatch: (handle, input, call) => {
      const again = ran.has(input.inputId);
      const inputId = again ? InputId(crypto.randomUUID()) : input.inputId;
      ran.set(input.inputId, inputId);
      return sound.dispatch(handle, { ...input, inputId }, call);
    },
  };
}

function unfenced(): ExecutionBackend {
  const latest = new Map<string, ExecutionHandle['generation']>();
  return overridden((sound) => ({
    spawn: (request, publisher, call) => {
      const known = latest.get(request.workerId) ?? request.generation;
      latest.set(request.workerId, known > request.generation ? known : request.generation);
      return sound.spawn(request, publisher, call);
    },
    dispatch: (handle, input, call) =>
      sound.dispatch({ ...handle, generation: latest.get(handle.workerId) ?? handle.generation }, input, call),
  }));
}

function cancelsAnything(): ExecutionBackend {
  const open = new Map<string, InputId>();
  return overridden((sound) => ({
    dispatch: async (handle, input, call) => {
      const answer = await sound.dispatch(handle, input, call);
      if (answer.outcome === 'accepted') open.set(handle.workerId, input.inputId);
      return answer;
    },
    cancel: (handle, request, call) =>
      sound.cancel(handle, { ...request, inputId: open.get(handle.workerId) ?? request.inputId }, call),
  }));
}

export const plantedFaults: readonly PlantedFault[] = [
  {
    fault: 'says accepted when it is busy, and runs nothing',
    found: ['EB-DISPATCH-002', 'EB-DISPATCH-007'],
    create: () =>
      overridden((sound) => ({
        dispatch: async (...call) => {
          const answer = await sound.dispatch(...call);
          return answer.outcome === 'busy' ? { outcome: 'accepted' } : answer;
        },
      })),
  },
  {
    fault: 'runs an input again that it has taken',
    found: ['EB-SPAWN-003', 'EB-DISPATCH-003', 'EB-DISPATCH-004'],
    create: forgetful,
  },
  {
    fault: 'publishes the end of a cancelled run after it has answered the cancel',
    found: ['EB-CANCEL-001', 'EB-CANCEL-005', 'EB-CANCEL-006', 'EB-STOP-003'],
    create: () =>
      publishing((publish) => async (event) => {
        if (event.type === 'run-ended' && event.end === 'cancelled')
          await new Promise((resolve) => setImmediate(resolve));
        return publish(event);
      }),
  },
  {
    fault: 'cancels whatever is open',
    found: ['EB-CANCEL-002', 'EB-CANCEL-003'],
    create: cancelsAnything,
  },
  {
    fault: 'says something after the end of a run',
    found: ['EB-EVENT-002', 'EB-EVENT-003', 'EB-CANCEL-004'],
    create: () =>
      publishing((publish) => async (event) => {
        const answer = await publish(event);
        if (isEnd(event)) await publish({ ...event, type: 'notice', level: 'info', text: 'by the way' });
        return answer;
      }),
  },
  {
    fault: 'ends a run twice',
    found: [
      'EB-SPAWN-003',
      'EB-DISPATCH-001',
      'EB-DISPATCH-007',
      'EB-CANCEL-001',
      'EB-CANCEL-005',
      'EB-CANCEL-006',
      'EB-STOP-003',
    ],
    create: () =>
      publishing((publish) => (event) => (isEnd(event) ? publish(event).then(() => publish(event)) : publish(event))),
  },
  {
    fault: 'does not wait for room',
    found: ['EB-PUBLISH-001'],
    create: () =>
      publishing((publish) => (event) => {
        void publish(event);
        return Promise.resolve({ outcome: 'taken' });
      }),
  },
  {
    fault: 'throws where a Worker is unknown',
    found: ['EB-SPAWN-005', 'EB-DISPATCH-006', 'EB-STOP-004', 'EB-DISPOSED-003'],
    create: () =>
      overridden((sound) => ({
        dispatch: async (...call) => {
          const answer = await sound.dispatch(...call);
          if (answer.outcome === 'rejected') throw new Error('no such worker');
          return answer;
        },
      })),
  },
  {
    fault: 'takes inputs of a lower generation',
    found: ['EB-SPAWN-004', 'EB-STALE-003'],
    create: unfenced,
  },
  {
    fault: 'never answers a stop without grace',
    found: ['EB-STOP-005'],
    create: () =>
      overridden((sound) => ({
        stop: async (handle, request, call) => {
          const answer = await sound.stop(handle, request, call);
          return answer.outcome === 'accepted' && request.graceMs === 0 ? new Promise(() => undefined) : answer;
        },
      })),
  },
  {
    fault: 'shows the cause of a failure as its code',
    found: ['EB-EVENT-005', 'EB-EVENT-006'],
    create: () =>
      publishing(
        (publish) => (event) =>
          publish(event.type === 'run-ended' && event.end === 'failed' ? { ...event, code: 'canary-8c1f0b' } : event),
      ),
  },
  {
    fault: 'answers a question by default',
    found: ['EB-QUESTION-001', 'EB-QUESTION-003', 'EB-QUESTION-005'],
    create: () =>
      overridden((sound) => ({
        spawn: (request, publisher, call) => {
          const { workerId, generation } = publisher;
          const handle = { workerId, generation };
          const publish: Publish = (event) => {
            const published = publisher.publish(event);
            if (event.type !== 'question-asked') return published;
            const answer = { questionId: event.questionId, answer: { text: 'yes' } };
            return published.then((result) => sound.answer(handle, answer, call).then(() => result));
          };
          return sound.spawn(request, { ...rest(publisher), workerId, generation, publish }, call);
        },
      })),
  },
  {
    fault: 'declares no cancel, but has one',
    found: ['EB-UNSUPPORTED-005'],
    harness: { capabilities: { stop: true, questions: true } },
    create: () =>
      overridden((sound) => ({
        spawn: async (...call) => {
          const answer = await sound.spawn(...call);
          if (answer.outcome !== 'connected') return answer;
          return { ...answer, capabilities: { ...answer.capabilities, cancel: false } };
        },
      })),
  },
  {
    fault: 'declares what its harness does not name',
    found: ['EB-SPAWN-002', 'EB-UNSUPPORTED-004'],
    harness: { capabilities: { cancel: true, stop: true } },
    create: scriptedBackend,
  },
  {
    fault: 'mints ids of its own form',
    found: ['EB-EVENT-004'],
    create: () =>
      publishing((publish) => (event) => publish('messageId' in event ? { ...event, messageId: 'a message' } : event)),
  },
  {
    fault: 'swallows the first event after it was taken over',
    found: ['EB-RECOVER-002', 'EB-RECOVER-004', 'EB-RECOVER-006'],
    harness: { capabilities: { cancel: true, stop: true, questions: true, recover: true } },
    create: (): ExecutionBackend => {
      const sound = scriptedBackend({ recover: true });
      return {
        ...sound,
        recover: (request, publisher, call) => {
          let forgotten = false;
          const { workerId, generation } = publisher;
          const publish: Publish = (event) => {
            if (forgotten) return publisher.publish(event);
            forgotten = true;
            return Promise.resolve({ outcome: 'taken' });
          };
          return sound.recover(request, { ...rest(publisher), workerId, generation, publish }, call);
        },
      };
    },
  },
];
