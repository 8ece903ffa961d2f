import type { InputId, WorkerId } from '../../src/domain/ids.js';
import type { WorkerView } from '../../src/domain/observation/view.js';
import type {
  AnswerOf,
  BrowserGateway,
  CallOptions,
  Command,
  Frame,
  OutcomeOf,
  Query,
  WorkerRef,
} from '../../src/ports/browser-gateway.js';
import type { Observation } from '../../src/domain/observation/event.js';
import { gatewayCanary } from '../support/contracts/gateway-harness.js';

/** A gateway whose answers may be of any shape. */
interface Loose {
  execute?(command: Command, call: CallOptions | undefined): Promise<unknown>;
  read?(query: Query, call: CallOptions | undefined): Promise<unknown>;
  observe?(worker: WorkerRef, from: string | undefined, call: CallOptions | undefined): AsyncIterable<unknown>;
}

export interface PlantedGatewayFault {
  /** What the gateway does wrong. */
  readonly fault: string;
  /** Exactly the cases that find it. */
  readonly found: readonly string[];
  create(sound: BrowserGateway): BrowserGateway;
}

const withFault =
  (fault: (sound: BrowserGateway) => Loose) =>
  (sound: BrowserGateway): BrowserGateway => {
    const loose = fault(sound);
    return {
      execute: <C extends Command>(command: C, call?: CallOptions) =>
        (loose.execute?.(command, call) ?? sound.execute(command, call)) as Promise<OutcomeOf<C>>,
      read: <Q extends Query>(query: Q, call?: CallOptions) =>
        (loose.read?.(query, call) ?? sound.read(query, call)) as Promise<AnswerOf<Q>>,
      observe: (worker, from, call) =>
        (loose.observe?.(worker, from, call) ?? sound.observe(worker, from, call)) as AsyncIterable<Frame>,
    };
  };

/** The same stream with other frames. Who leaves it leaves the sound one at once. */
function framesOf(frames: AsyncIterable<Frame>, change: (frame: Frame) => unknown): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = frames[Symbol.asyncIterator]();
      return {
        async next() {
          const next = await iterator.next();
          return next.done ? next : { done: false, value: change(next.value) };
        },
        async return() {
          return (await iterator.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
}

/** With every field its own. */
const plain = (observation: Observation) => JSON.parse(JSON.stringify(observation)) as Observation;

type Observations = readonly Observation[];
const observing =
  (change: (observations: Observations) => readonly unknown[]) =>
  (frame: Frame): unknown =>
    frame.type === 'events' ? { ...frame, observations: change(frame.observations) } : frame;

/** A snapshot with this end of its transcript. */
const withTranscript =
  (end: number) =>
  (frame: Frame): unknown =>
    frame.type === 'snapshot' ? { ...frame, transcript: frame.transcript.slice(0, end) } : frame;

const withView = (change: (view: WorkerView) => unknown) =>
  withFault((sound) => ({
    async read(query, call) {
      const answer = await sound.read(query, call);
      return 'worker' in answer ? { ...answer, worker: change(answer.worker) } : answer;
    },
  }));

function cancelsAnything(sound: BrowserGateway): Loose {
  return {
    async execute(command, call) {
      if (command.type !== 'cancel') return sound.execute(command, call);
      const view = await sound.read({ type: 'worker', worker: command.worker });
      const open = view.outcome === 'answered' ? view.worker.openInput?.inputId : undefined;
      return sound.execute({ ...command, inputId: open ?? command.inputId }, call);
    },
  };
}

function readsInTurn(sound: BrowserGateway): Loose {
  let turn = Promise.resolve();
  return {
    observe(worker, from, call) {
      let done = (): void => undefined;
      const iterator = sound.observe(worker, from, call)[Symbol.asyncIterator]();
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            done();
            const next: IteratorResult<Frame, unknown> = await iterator.next();
            if (next.done || next.value.type !== 'events') return next;
            const before = turn;
            turn = new Promise((resolve) => (done = resolve));
            await before;
            return next;
          },
          async return() {
            done();
            return (await iterator.return?.()) ?? { done: true, value: undefined };
          },
        }),
      };
    },
  };
}

function remembersDeleted(sound: BrowserGateway): Loose {
  const views = new Map<WorkerId, WorkerView>();
  return {
    async read(query, call) {
      const answer = await sound.read(query, call);
      if ('worker' in answer) views.set(answer.worker.workerId, answer.worker);
      if (query.type !== 'worker' || answer.outcome !== 'rejected') return answer;
      const worker = views.get(query.worker.workerId);
      return worker ? { outcome: 'answered', worker } : answer;
    },
    async execute(command, call) {
      const answer = await sound.execute(command, call);
      if (answer.outcome === 'accepted' && 'worker' in answer) views.set(answer.worker.workerId, answer.worker);
      return answer;
    },
  };
}

const ignoresAbort = (sound: BrowserGateway): Loose => ({
  execute: (command) => sound.execute(command),
  read: (query) => sound.read(query),
  observe: (worker, from) => sound.observe(worker, from),
});

export const gatewayFaults: readonly PlantedGatewayFault[] = [
  {
    fault: 'throws where a Worker is unknown',
    found: ['GW-DELETE-001', 'GW-ADDRESS-001'],
    create: withFault((sound) => ({
      async execute(command, call) {
        const answer = await sound.execute(command, call);
        if (answer.outcome === 'rejected' && answer.code === 'worker-unknown') throw new Error('no such worker');
        return answer;
      },
    })),
  },
  {
    fault: 'shows the process of a Worker',
    found: ['GW-CREATE-001', 'GW-RECONNECT-001', 'GW-READ-008', 'GW-SHAPE-002', 'GW-DISPOSED-001'],
    create: withView((view) => ({ ...view, pid: 4711 })),
  },
  {
    fault: 'says whether an input would be taken',
    found: ['GW-CREATE-001', 'GW-RECONNECT-001', 'GW-READ-007', 'GW-READ-008', 'GW-SHAPE-002', 'GW-DISPOSED-001'],
    create: withView((view) => ({ ...view, canInput: view.status === 'idle' })),
  },
  {
    fault: 'shows why a run failed',
    found: ['GW-SHAPE-004'],
    create: withFault((sound) => ({
      observe: (worker, from, call) =>
        framesOf(
          sound.observe(worker, from, call),
          observing((observations) =>
            observations.map((observation) => {
              const { event } = observation;
              if (event.type !== 'input-ended' || event.end !== 'failed') return observation;
              return { ...plain(observation), event: { ...event, backendCode: gatewayCanary } };
            }),
          ),
        ),
    })),
  },
  {
    fault: 'gives each input an id of its own',
    found: ['GW-INPUT-001', 'GW-INPUT-002', 'GW-INPUT-005', 'GW-MIDWAY-001'],
    create: withFault((sound) => ({
      execute: (command, call) =>
        sound.execute(
          command.type === 'input' ? { ...command, inputId: crypto.randomUUID() as InputId } : command,
          call,
        ),
    })),
  },
  {
    fault: 'does not look at the key of a create',
    found: ['GW-CREATE-004', 'GW-CREATE-005'],
    create: withFault((sound) => ({
      execute: (command, call) =>
        sound.execute(command.type === 'create' ? { ...command, idempotencyKey: undefined } : command, call),
    })),
  },
  {
    fault: 'does not look at abort',
    found: [
      'GW-OBSERVE-007',
      'GW-ABORTED-create',
      'GW-ABORTED-input',
      'GW-ABORTED-answer',
      'GW-ABORTED-cancel',
      'GW-ABORTED-reconnect',
      'GW-ABORTED-stop',
      'GW-ABORTED-delete',
      'GW-ABORTED-runtimes',
      'GW-ABORTED-profiles',
      'GW-ABORTED-workers',
      'GW-ABORTED-worker',
      'GW-ABORTED-transcript',
      'GW-ABORTED-observations',
    ],
    create: withFault(ignoresAbort),
  },
  {
    fault: 'leaves out the last observation of a page',
    found: [
      'GW-STOP-002',
      'GW-INPUT-008',
      'GW-READ-003',
      'GW-READ-008',
      'GW-OBSERVE-002',
      'GW-OBSERVE-008',
      'GW-OBSERVE-009',
    ],
    create: withFault((sound) => ({
      async read(query, call) {
        const answer = await sound.read(query, call);
        return 'observations' in answer ? { ...answer, observations: answer.observations.slice(0, -1) } : answer;
      },
    })),
  },
  {
    fault: 'tells the observations of a page in reverse',
    found: [
      'GW-STOP-002',
      'GW-INPUT-008',
      'GW-READ-003',
      'GW-READ-008',
      'GW-OBSERVE-002',
      'GW-OBSERVE-008',
      'GW-OBSERVE-009',
    ],
    create: withFault((sound) => ({
      async read(query, call) {
        const answer = await sound.read(query, call);
        return 'observations' in answer ? { ...answer, observations: answer.observations.toReversed() } : answer;
      },
    })),
  },
  {
    fault: 'tells the observation at a cursor again',
    found: ['GW-OBSERVE-002', 'GW-OBSERVE-006', 'GW-OBSERVE-010'],
    create: withFault((sound) => ({
      async *observe(worker, from, call) {
        let last: Observation | undefined;
        if (from?.startsWith('wo_')) {
          const page = await sound.read({ type: 'observations', worker, limit: 500 });
          last = page.outcome === 'answered' ? page.observations.find(({ cursor }) => cursor === from) : undefined;
        }
        for await (const frame of sound.observe(worker, from, call)) {
          if (frame.type === 'events' && last) yield { ...frame, observations: [last, ...frame.observations] };
          else yield frame;
          last = undefined;
        }
      },
    })),
  },
  {
    fault: 'begins from the start where a cursor means nothing',
    found: ['GW-OBSERVE-003', 'GW-OBSERVE-006', 'GW-OBSERVE-010'],
    create: withFault((sound) => ({
      async *observe(worker, from, call) {
        for await (const frame of sound.observe(worker, from, call)) {
          const means = frame.type !== 'problem' || !frame.problem.code.startsWith('cursor-');
          if (means) yield frame;
          else yield* sound.observe(worker, 'start', call);
        }
      },
    })),
  },
  {
    fault: 'takes a limit of 0 for none',
    found: ['GW-READ-005'],
    create: withFault((sound) => ({
      read: (query, call) =>
        sound.read('limit' in query && query.limit === 0 ? { ...query, limit: undefined } : query, call),
    })),
  },
  {
    fault: 'shows Workers that are deleted',
    found: ['GW-DELETE-002'],
    create: withFault(remembersDeleted),
  },
  {
    fault: 'refuses a second stop',
    found: ['GW-STOP-001', 'GW-DELETE-001', 'GW-ADDRESS-001', 'GW-CANCEL-003', 'GW-STOP-003', 'GW-MIDWAY-002'],
    create: withFault((sound) => {
      const stopped = new Set<WorkerId>();
      return {
        async execute(command, call) {
          if (command.type !== 'stop') return sound.execute(command, call);
          if (stopped.has(command.worker.workerId)) return { outcome: 'rejected', code: 'worker-stopped' };
          stopped.add(command.worker.workerId);
          return sound.execute(command, call);
        },
      };
    }),
  },
  {
    fault: 'cancels whatever is open',
    found: ['GW-CANCEL-001', 'GW-CANCEL-002'],
    create: withFault(cancelsAnything),
  },
  {
    fault: 'says accepted to every answer',
    found: ['GW-ANSWER-001', 'GW-DELETE-001', 'GW-ADDRESS-001', 'GW-ANSWER-002', 'GW-ANSWER-003', 'GW-SHAPE-001'],
    create: withFault((sound) => ({
      async execute(command, call) {
        const answer = await sound.execute(command, call);
        return command.type === 'answer' ? { outcome: 'accepted' } : answer;
      },
    })),
  },
  {
    fault: 'does not let go of who leaves while nothing comes',
    found: ['GW-OBSERVE-006'],
    create: withFault((sound) => ({
      async *observe(worker, from, call) {
        yield* sound.observe(worker, from, call);
      },
    })),
  },
  {
    fault: 'makes each reader wait for the slowest',
    found: ['GW-OBSERVE-009'],
    create: withFault(readsInTurn),
  },
  {
    fault: 'never ends the stream of a deleted Worker',
    found: ['GW-OBSERVE-005', 'GW-OBSERVE-006', 'GW-SHAPE-003', 'GW-DISPOSED-002'],
    create: withFault((sound) => ({
      async *observe(worker, from, call) {
        for await (const frame of sound.observe(worker, from, call)) {
          if (frame.type === 'end') await new Promise(() => undefined);
          yield frame;
        }
      },
    })),
  },
  {
    fault: 'queues an input that is busy, and says nothing until it runs',
    found: ['GW-INPUT-003', 'GW-INPUT-006', 'GW-INPUT-007', 'GW-SHAPE-001'],
    create: withFault((sound) => ({
      async execute(command, call) {
        for (;;) {
          const answer = await sound.execute(command, call);
          if (command.type !== 'input' || answer.outcome !== 'busy') return answer;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    })),
  },
  {
    fault: 'takes another profile for one that it does not know',
    found: ['GW-CREATE-002', 'GW-SHAPE-001'],
    create: withFault((sound) => ({
      async execute(command, call) {
        const answer = await sound.execute(command, call);
        if (command.type !== 'create' || answer.outcome !== 'rejected' || answer.code !== 'profile-unknown')
          return answer;
        const profiles = await sound.read({ type: 'profiles', runtimeId: command.runtimeId });
        const [first] = profiles.outcome === 'answered' ? profiles.profiles : [];
        return first ? sound.execute({ ...command, profile: first.name }, call) : answer;
      },
    })),
  },
  {
    fault: 'forgets the first input of a create',
    found: ['GW-CREATE-003'],
    create: withFault((sound) => ({
      execute: (command, call) =>
        sound.execute(command.type === 'create' ? { ...command, input: undefined } : command, call),
    })),
  },
  {
    fault: 'says something itself where an input is blank',
    found: ['GW-INPUT-004', 'GW-SHAPE-001'],
    create: withFault((sound) => ({
      async execute(command, call) {
        const answer = await sound.execute(command, call);
        const isBlank = answer.outcome === 'rejected' && answer.code === 'input-invalid';
        if (command.type !== 'input' || !isBlank) return answer;
        return sound.execute({ ...command, parts: [{ type: 'text', text: 'hello' }] }, call);
      },
    })),
  },
  {
    fault: 'leaves the last entry out of a snapshot',
    found: ['GW-OBSERVE-001', 'GW-OBSERVE-011'],
    create: withFault((sound) => ({
      observe: (worker, from, call) => framesOf(sound.observe(worker, from, call), withTranscript(-1)),
    })),
  },
  {
    fault: 'shows the transcript only to every second who looks',
    found: ['GW-OBSERVE-001', 'GW-OBSERVE-011', 'GW-OBSERVE-012'],
    create: withFault((sound) => {
      const seen = new Set<WorkerId>();
      return {
        observe(worker, from, call) {
          const isShown = !seen.delete(worker.workerId);
          if (isShown) seen.add(worker.workerId);
          const frames = sound.observe(worker, from, call);
          return isShown ? frames : framesOf(frames, withTranscript(0));
        },
      };
    }),
  },
  {
    fault: 'takes an unknown Worker for one of an unknown Runtime where it is observed',
    found: ['GW-OBSERVE-004'],
    create: withFault((sound) => ({
      observe: (worker, from, call) =>
        framesOf(sound.observe(worker, from, call), (frame) =>
          frame.type === 'problem' && frame.problem.code === 'worker-unknown'
            ? { ...frame, problem: { outcome: 'rejected', code: 'runtime-unknown' } }
            : frame,
        ),
    })),
  },
  {
    fault: 'takes an unknown Worker for one of an unknown Runtime where it is read',
    found: ['GW-DELETE-002', 'GW-READ-006'],
    create: withFault((sound) => ({
      async read(query, call) {
        const answer = await sound.read(query, call);
        const isUnknown = answer.outcome === 'rejected' && answer.code === 'worker-unknown';
        return isUnknown ? { outcome: 'rejected', code: 'runtime-unknown' } : answer;
      },
    })),
  },
  {
    fault: 'says that its Runtime drains',
    found: ['GW-READ-001'],
    create: withFault((sound) => ({
      async read(query, call) {
        const answer = await sound.read(query, call);
        if (!('runtimes' in answer)) return answer;
        return { ...answer, runtimes: answer.runtimes.map((runtime) => ({ ...runtime, draining: true })) };
      },
    })),
  },
  {
    fault: 'leaves out the first Worker of each page but the first',
    found: ['GW-READ-002'],
    create: withFault((sound) => ({
      async read(query, call) {
        const answer = await sound.read(query, call);
        const isLater = query.type === 'workers' && query.after !== undefined;
        return isLater && 'workers' in answer ? { ...answer, workers: answer.workers.slice(1) } : answer;
      },
    })),
  },
  {
    fault: 'tells a transcript in reverse',
    found: ['GW-READ-004', 'GW-OBSERVE-011'],
    create: withFault((sound) => ({
      async read(query, call) {
        const answer = await sound.read(query, call);
        return 'entries' in answer ? { ...answer, entries: answer.entries.toReversed() } : answer;
      },
    })),
  },
];
