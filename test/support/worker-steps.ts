import { CorrelationId, Generation, InputId, QuestionId } from '../../src/domain/ids.js';
import type { BackendEvent, BackendEventBody, Part } from '../../src/domain/observation/event.js';
import type { BackendCommand, ClientCommand, WorkerCommand } from '../../src/domain/worker/command.js';
import type { Capabilities } from '../../src/domain/worker/state.js';
import { now } from './decider-spec.js';

type Client<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>;
type Backend<T extends BackendCommand['type']> = Extract<BackendCommand, { type: T }>;

export const inputA = InputId('00000000-0000-4000-a000-00000000000a');
export const inputB = InputId('00000000-0000-4000-a000-00000000000b');
export const questionQ = QuestionId('q-1');
export const correlation = CorrelationId('00000000-0000-4000-9000-000000000001');
export const g1 = Generation(1);
export const g2 = Generation(2);
export const g3 = Generation(3);
export const able: Capabilities = { cancel: true, stop: true, recover: true, questions: true };
export const unable: Capabilities = { cancel: false, stop: false, recover: false, questions: false };

export const words = (text: string): readonly Part[] => [{ type: 'text', text }];
const proposed = (inputId: InputId, text: string) => ({ inputId, digest: `digest of ${text}`, parts: words(text) });

export const create = (changes: Partial<Client<'create'>> = {}): Client<'create'> => ({
  type: 'create',
  profile: 'demo',
  binding: { backend: 'one' },
  ...changes,
});
export const createWithInput = (inputId = inputA, text = 'hello'): Client<'create'> =>
  create({ input: proposed(inputId, text) });
export const input = (inputId = inputA, text = 'hello'): Client<'input'> => ({
  type: 'input',
  ...proposed(inputId, text),
});
export const answerText = (text = 'yes', questionId = questionQ): Client<'answer'> => ({
  type: 'answer',
  questionId,
  answer: { text },
});
export const answerOption = (optionId: string, questionId = questionQ): Client<'answer'> => ({
  type: 'answer',
  questionId,
  answer: { optionId },
});
export const cancel = (inputId = inputA, deadlineMs = 10_000): Client<'cancel'> => ({
  type: 'cancel',
  inputId,
  deadlineMs,
});
export const reconnect = (binding: Client<'reconnect'>['binding'] = null): Client<'reconnect'> => ({
  type: 'reconnect',
  binding,
});
export const stop = (changes: Partial<Client<'stop'>> = {}): Client<'stop'> => ({
  type: 'stop',
  cause: 'user',
  graceMs: 5_000,
  settleMs: 5_000,
  ...changes,
});
export const remove: Client<'delete'> = { type: 'delete' };

export const faulty = (code: 'backend-fault' | 'backend-timeout' = 'backend-fault') =>
  ({ outcome: 'faulty', code, correlationId: correlation }) as const;

export const spawnAnswered = (
  answer: Backend<'spawn-answered'>['answer'],
  generation = g1,
): Backend<'spawn-answered'> => ({ type: 'spawn-answered', generation, answer });
export const spawned = (capabilities = able, generation = g1, codes: readonly string[] = ['too-odd']) =>
  spawnAnswered({ outcome: 'connected', capabilities, codes, recoverState: { at: 'home' } }, generation);
export const recoverAnswered = (
  answer: Backend<'recover-answered'>['answer'],
  generation = g2,
): Backend<'recover-answered'> => ({ type: 'recover-answered', generation, answer });
export const adopted = (taken?: boolean, generation = g2, capabilities = able) =>
  recoverAnswered({ outcome: 'adopted', capabilities, codes: ['too-odd'], taken }, generation);
export const dispatched = (
  answer: Backend<'dispatch-answered'>['answer']['outcome'] | Backend<'dispatch-answered'>['answer'] = 'accepted',
  inputId = inputA,
  generation = g1,
): Backend<'dispatch-answered'> => ({
  type: 'dispatch-answered',
  generation,
  inputId,
  answer: typeof answer === 'string' ? dispatchAnswer(answer) : answer,
});
function dispatchAnswer(
  outcome: Backend<'dispatch-answered'>['answer']['outcome'],
): Backend<'dispatch-answered'>['answer'] {
  switch (outcome) {
    case 'accepted':
    case 'busy':
      return { outcome };
    case 'unknown':
      return { outcome, correlationId: correlation };
    case 'faulty':
      return faulty();
    case 'rejected':
      return { outcome, code: 'backend-rejected' };
    case 'errored':
      return { outcome, code: 'backend-fault', executed: 'no', correlationId: correlation };
    case 'unsupported':
      return { outcome, operation: 'input' };
  }
}
export const answered = (
  answer: Backend<'answer-answered'>['answer'] = { outcome: 'accepted' },
  generation = g1,
  questionId = questionQ,
): Backend<'answer-answered'> => ({ type: 'answer-answered', generation, questionId, answer });
export const stopAnswered = (
  end: 'stopped' | 'killed' | 'failed' = 'stopped',
  generation = g1,
): Backend<'stop-answered'> => ({
  type: 'stop-answered',
  generation,
  answer: end === 'failed' ? { outcome: 'failed' } : { outcome: 'accepted', end },
});
export const published = (event: BackendEvent, generation = g1): Backend<'published'> => ({
  type: 'published',
  generation,
  event,
});
/** An event that the run caused. */
export const said = (body: BackendEventBody = text(), inputId = inputA, generation = g1) =>
  published({ ...body, inputId }, generation);
export const text = (words = 'hi'): BackendEventBody => ({ type: 'text-delta', messageId: 'm-1', text: words });
export const asked = (questionId = questionQ, options?: readonly string[]): BackendEventBody => ({
  type: 'question-asked',
  questionId,
  prompt: 'Go on?',
  ...(options && { options: options.map((optionId) => ({ optionId, label: optionId })) }),
});
export const runEnded = (
  end: 'completed' | 'cancelled' | 'refused' | 'failed' = 'completed',
  code?: string,
): BackendEventBody => ({ type: 'run-ended', end, ...(code !== undefined && { code }) });
export const disconnected = (reason: 'exited' | 'connection-lost' = 'exited', generation = g1) =>
  ({ type: 'disconnected', generation, reason, correlationId: correlation }) as const;
export const inputDecided = (taken: boolean, inputId = inputA, generation = g1) =>
  ({ type: 'input-decided', generation, inputId, taken }) as const;
export const faulted = (generation = g1) =>
  ({ type: 'generation-faulted', generation, correlationId: correlation }) as const;
export const deadlinePassed: WorkerCommand = { type: 'deadline-passed' };
export const recover = (changes: Partial<Extract<WorkerCommand, { type: 'recover' }>> = {}): WorkerCommand => ({
  type: 'recover',
  newEpoch: false,
  canRecover: true,
  ...changes,
});
export const hostClosing: WorkerCommand = { type: 'host-closing' };
export const logRestored: WorkerCommand = { type: 'log-restored' };
export const owedStopAnswered = (generation = g1): WorkerCommand => ({ type: 'owed-stop-answered', generation });

/** Steps that lead to each status. */
export const placeholder = [create({ binding: null })] as const;
export const reserved = [create()] as const;
export const reservedWithInput = [createWithInput(), spawned()] as const;
export const idle = [create(), spawned()] as const;
export const idleUnable = [create(), spawned(unable)] as const;
export const undecided = [...idle, input()] as const;
export const busy = [...undecided, dispatched()] as const;
export const busyUnable = [...idleUnable, input(), dispatched()] as const;
export const asking = [...busy, said(asked())] as const;
export const lost = [...idle, disconnected('connection-lost')] as const;
export const exited = [...idle, disconnected()] as const;
export const closed = [...idle, faulted()] as const;
/** Under generation 2, the backend asked to recover. */
export const reconnecting = [...lost, reconnect()] as const;
/** Under generation 2, the backend asked to spawn. */
export const respawning = [...closed, reconnect()] as const;
export const recovering = [...idle, recover()] as const;
export const recoveringUndecided = [...undecided, recover()] as const;
export const recoveringOpen = [...busy, recover()] as const;
export const stoppingIdle = [...idle, stop()] as const;
export const stoppingUndecided = [...undecided, stop()] as const;
export const stoppingBusy = [...busy, stop()] as const;
export const stopped = [...stoppingIdle, stopAnswered()] as const;
export const damaged = [
  ...idle,
  {
    type: 'observed',
    at: new Date(now).toISOString(),
    event: { type: 'execution-disconnected', generation: g1, reason: 'log-damaged' },
  },
] as const;
