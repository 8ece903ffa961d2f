import { CorrelationId, InputId, RuntimeId, Sequence, WorkerId } from '../../src/domain/ids.js';
import { formatCursor } from '../../src/domain/observation/cursor.js';
import type { RuntimeView, WorkerView } from '../../src/domain/observation/view.js';
import type { Refusal } from '../../src/domain/outcome.js';
import { rejected } from '../../src/domain/outcome.js';
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

import { testEpoch } from './observations.js';

export const runtimeId = RuntimeId('local');
export const workerId = WorkerId('0190d1b2-1111-7000-8000-000000000001');
export const inputId = InputId('0190d1b2-2222-7000-8000-000000000001');
export const correlationId = CorrelationId('0190d1b2-3333-7000-8000-000000000001');
export const cursorAt = (sequence: number) => formatCursor(testEpoch, Sequence(sequence));

export const runtimeView: RuntimeView = { runtimeId, ready: true, draining: false, durability: 'none' };
export const workerView: WorkerView = {
  runtimeId,
  workerId,
  profile: 'javascript',
  createdAt: '2026-11-30T00:00:00.000Z',
  updatedAt: '2026-11-30T00:00:00.001Z',
  status: 'idle',
  openQuestions: [],
  lastCursor: cursorAt(2),
};

type AnyOutcome = OutcomeOf<Command>;
type AnyAnswer = AnswerOf<Query>;

/** What every operation answers where the test says nothing else. */
const accepted: Record<Command['type'], AnyOutcome> = {
  create: { outcome: 'accepted', worker: workerView, created: true },
  input: { outcome: 'accepted', inputId, cursor: cursorAt(3) },
  answer: { outcome: 'accepted' },
  cancel: { outcome: 'accepted', end: 'quiesced' },
  reconnect: { outcome: 'accepted', worker: workerView },
  stop: { outcome: 'accepted', worker: workerView, end: 'stopped' },
  delete: { outcome: 'accepted' },
};
const answered: Record<Query['type'], AnyAnswer> = {
  runtimes: { outcome: 'answered', runtimes: [runtimeView] },
  profiles: { outcome: 'answered', profiles: [{ name: 'javascript', label: 'JavaScript session' }] },
  workers: { outcome: 'answered', workers: [workerView] },
  worker: { outcome: 'answered', worker: workerView },
  transcript: { outcome: 'answered', entries: [] },
  observations: { outcome: 'answered', observations: [] },
};

export interface Script {
  execute?(command: Command, call: CallOptions): AnyOutcome | Refusal | Promise<AnyOutcome | Refusal>;
  read?(query: Query, call: CallOptions): AnyAnswer | Promise<AnyAnswer>;
  observe?(from: string | undefined, signal: AbortSignal): AsyncIterable<Frame>;
}

export interface ScriptedGateway extends BrowserGateway {
  readonly commands: Command[];
  readonly queries: Query[];
  readonly observed: { readonly worker: WorkerRef; readonly from: string | undefined }[];
}

async function* refused(): AsyncGenerator<Frame> {
  yield { type: 'problem', problem: rejected('worker-unknown') };
}

/** A gateway that answers what it is told to and keeps what it was asked. */
export function scriptedGateway(script: Script = {}): ScriptedGateway {
  const commands: Command[] = [];
  const queries: Query[] = [];
  const observed: { worker: WorkerRef; from: string | undefined }[] = [];
  return {
    commands,
    queries,
    observed,
    async execute<C extends Command>(command: C, call: CallOptions = {}) {
      commands.push(command);
      const outcome = script.execute ? await script.execute(command, call) : accepted[command.type];
      return outcome;
    },
    async read<Q extends Query>(query: Q, call: CallOptions = {}) {
      queries.push(query);
      const answer = script.read ? await script.read(query, call) : answered[query.type];
      return answer;
    },
    observe(worker, from, call = {}) {
      observed.push({ worker, from });
      return script.observe?.(from, call.signal ?? new AbortController().signal) ?? refused();
    },
  };
}
