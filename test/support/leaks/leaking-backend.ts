import type { ExecutionBackend, ExecutionHandle } from '../../../src/ports/execution-backend.js';
import type { ObservationPublisher } from '../../../src/ports/observation-publisher.js';
import { leakingError } from './leaking-error.js';
import type { Secrets } from './secrets.js';

/** What no backend may say, said nevertheless. */
type Anything = never;
/** Rejects with whatever it is given. */
const rejected = (reason: Error): Promise<never> => Promise.reject(reason);

type Run = (inputId: string, publisher: ObservationPublisher) => Promise<unknown>;

/**
 * A plain object that tells its secrets wherever the port lets it say something that is no content. The options of a
 * profile say how it spawns, an input says what it does next: as `programs/leaks-everything.mjs`, without a wire.
 */
export function leakingBackend(secret: Secrets): ExecutionBackend {
  const publishers = new Map<string, ObservationPublisher>();
  const accepted = { outcome: 'accepted', secret: secret['resultField'] };
  const refused = (outcome: string, code: string | undefined) => ({ outcome, code, detail: leakingError(secret) });
  const publish = (publisher: ObservationPublisher, inputId: string, ...events: readonly object[]): void => {
    for (const event of events) {
      void publisher.publish({ inputId, secret: secret['eventField'], ...event } as Anything);
    }
  };
  const ended = (end = 'completed', code?: string) => ({ type: 'run-ended', end, ...(code !== undefined && { code }) });
  const said = (text: string | undefined, messageId = 'm1') => ({ type: 'text-completed', messageId, text });
  /** Accepts the input, and publishes afterwards. */
  const after =
    (...events: readonly object[]): Run =>
    async (inputId, publisher) => {
      setImmediate(() => publish(publisher, inputId, ...events));
      return accepted;
    };
  const answer = (value: object) => () => Promise.resolve(value);
  const fail = () => rejected(leakingError(secret));

  const connected = {
    outcome: 'connected',
    capabilities: { cancel: true, stop: true, questions: true, recover: true, secret: secret['capability'] },
    codes: ['declared-code'],
    recoverState: { secret: secret['recoverState'] },
    secret: secret['resultField'],
  };
  const spawns: Readonly<Record<string, () => Promise<unknown>>> = {
    connected: answer(connected),
    rejected: answer(refused('rejected', secret['spawnRejected'])),
    errored: answer(refused('errored', secret['spawnErrored'])),
    throws: fail,
    throwsText: () => rejected(secret['thrownText'] as unknown as Error),
    wrong: answer({ outcome: secret['wrongAnswer'] }),
    codes: answer({ ...connected, codes: [secret['notACode']] }),
  };
  const exit =
    (end: object): Run =>
    async (_inputId, publisher) => {
      setImmediate(() => void publisher.disconnect(end as Anything));
      return accepted;
    };
  const question = {
    questionId: 'q1',
    prompt: 'Sure?',
    options: [{ optionId: 'yes', label: 'Yes', secret: secret['eventField'] }],
  };
  const inputs: Readonly<Record<string, Run>> = {
    content: after(said('content-marker'), ended()),
    declared: after(ended('failed', 'declared-code')),
    undeclared: after(ended('failed', secret['runCode'])),
    noCode: after(ended('refused', secret['notACode'])),
    rejected: answer(refused('rejected', secret['inputRejected'])),
    declaredRejected: answer({ outcome: 'rejected', code: 'declared-code' }),
    errored: answer(refused('errored', secret['inputErrored'])),
    throws: fail,
    throwsText: () => rejected(secret['thrownText'] as unknown as Error),
    wrong: answer({ outcome: secret['wrongAnswer'], code: secret['wrongAnswer'] }),
    badId: after(said('x', secret['badId']), ended()),
    unknownType: after({ type: secret['eventType'], text: secret['eventType'] }, ended()),
    otherInput: after({ ...said(secret['otherInput']), inputId: '00000000-0000-4000-8000-000000000000' }, ended()),
    exit: exit({ kind: 'code', value: 7, secret: secret['dying'] }),
    signal: exit({ kind: 'signal', value: secret['exitSignal'] }),
    lost: exit({ kind: 'connection-lost', secret: secret['dying'] }),
    ask: after({ type: 'question-asked', ...question }),
    hang: answer(accepted),
  };
  const keyOf = ({ workerId, generation }: ExecutionHandle): string => `${workerId} ${generation}`;

  return {
    specification: 'execution-backend/1',
    id: secret['backendId'] as ExecutionBackend['id'],
    spawn({ workerId, generation, profile }, publisher) {
      publishers.set(keyOf({ workerId, generation }), publisher);
      const { spawn } = profile.options as { readonly spawn: string };
      return (spawns[spawn] ?? fail)() as Promise<Anything>;
    },
    dispatch(handle, { inputId, parts: [part] }) {
      const publisher = publishers.get(keyOf(handle));
      const run = part?.type === 'text' ? inputs[part.text] : undefined;
      return (publisher && run ? run(inputId, publisher) : fail()) as Promise<Anything>;
    },
    answer: answer(refused('rejected', secret['answerRejected'])) as () => Promise<Anything>,
    cancel: answer(refused('errored', secret['cancelErrored'])) as () => Promise<Anything>,
    recover: answer(refused('errored', secret['recoverErrored'])) as () => Promise<Anything>,
    stop: answer({ outcome: 'accepted', end: 'stopped', detail: secret['detail'] }) as () => Promise<Anything>,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
