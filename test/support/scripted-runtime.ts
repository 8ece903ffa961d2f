import { createRuntime } from '../../src/index.js';
import type { Runtime, RuntimeOptions } from '../../src/index.js';
import type { InputId } from '../../src/domain/ids.js';
import type { Observation } from '../../src/domain/observation/event.js';
import type { WorkerView } from '../../src/domain/observation/view.js';
import type { OutcomeOf, CreateCommand, InputCommand, WorkerRef } from '../../src/ports/browser-gateway.js';
import { recordingLogger } from './recording-logger.js';
import { expectAccepted, inputId, ref, runtimeId, textPart } from './runtime.js';
import { scriptedBackend } from './scripted-backend.js';
import type { ScriptedBackend } from './scripted-backend.js';
import { virtualClock } from './virtual-clock.js';
import type { VirtualClock } from './virtual-clock.js';

export interface Scripted extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly backend: ScriptedBackend;
  readonly clock: VirtualClock;
  readonly logger: ReturnType<typeof recordingLogger>;
  create(fields?: Partial<CreateCommand>): Promise<OutcomeOf<CreateCommand>>;
  /** A Worker that is idle. */
  idle(): Promise<WorkerRef>;
  /** A Worker whose run of `id` is open. */
  busy(id?: InputId): Promise<{ readonly worker: WorkerRef; readonly id: InputId }>;
  input(worker: WorkerRef, id?: InputId, text?: string): Promise<OutcomeOf<InputCommand>>;
  view(worker: WorkerRef): Promise<WorkerView>;
  /** Everything that is in its log now, at most 500. */
  log(worker: WorkerRef): Promise<readonly Observation[]>;
  /** Its events now, in short: `text-delta`, `input-ended completed`. */
  story(worker: WorkerRef): Promise<readonly string[]>;
}

export type ScriptedOptions = Partial<RuntimeOptions> & {
  readonly backend?: ScriptedBackend;
  readonly clock?: VirtualClock;
  readonly deadlines?: RuntimeOptions['profiles'][string]['deadlines'];
};

/** A Runtime whose one profile, `test`, is played by hand, in virtual time. */
export function scripted(options: ScriptedOptions = {}): Scripted {
  const { backend = scriptedBackend(), clock = virtualClock(), deadlines, profiles, ...rest } = options;
  const logger = recordingLogger();
  const test = { label: 'Test', backend, options: { size: 1 }, ...(deadlines && { deadlines }) };
  const runtime = createRuntime({ logger, clock, ...rest, profiles: { test, ...profiles } });
  const create = (fields: Partial<CreateCommand> = {}): Promise<OutcomeOf<CreateCommand>> =>
    runtime.execute({ type: 'create', runtimeId, profile: 'test', ...fields });
  const input = (worker: WorkerRef, id: InputId = inputId(), text = 'go'): Promise<OutcomeOf<InputCommand>> =>
    runtime.execute({ type: 'input', worker, inputId: id, parts: textPart(text) });
  const idle = async (): Promise<WorkerRef> => ref(expectAccepted(await create()).worker.workerId);
  const log = async (worker: WorkerRef): Promise<readonly Observation[]> => {
    const page = await runtime.read({ type: 'observations', worker, limit: 500 });
    if (page.outcome !== 'answered') throw new Error(`not answered: ${JSON.stringify(page)}`);
    return page.observations;
  };
  return {
    runtime,
    backend,
    clock,
    logger,
    create,
    idle,
    async busy(id = inputId()) {
      const worker = await idle();
      const reply = input(worker, id);
      (await nextOf(backend, 'dispatch', worker)).answer({ outcome: 'accepted' });
      expectAccepted(await reply);
      return { worker, id };
    },
    input,
    async view(worker) {
      const answer = await runtime.read({ type: 'worker', worker });
      if (answer.outcome !== 'answered') throw new Error(`not answered: ${JSON.stringify(answer)}`);
      return answer.worker;
    },
    log,
    story: async (worker) => (await log(worker)).map(short),
    async [Symbol.asyncDispose]() {
      const disposal = runtime[Symbol.asyncDispose]().then(
        () => true,
        () => true,
      );
      // What hangs in a test hangs in virtual time: it moves on until everything has ended.
      for (;;) {
        const over = await Promise.race([disposal, clock.advance(1_000).then(() => false)]);
        if (over) return;
      }
    },
  };
}

async function nextOf(backend: ScriptedBackend, method: 'dispatch', { workerId }: WorkerRef) {
  for (;;) {
    const call = await backend.next(method);
    if (call.workerId === workerId) return call;
  }
}

function short({ event }: Observation): string {
  switch (event.type) {
    case 'input-ended':
    case 'question-closed':
      return `${event.type} ${event.end}`;
    case 'execution-disconnected':
      return `${event.type} ${event.reason}`;
    case 'text-delta':
    case 'notice':
      return `${event.type} ${event.text}`;
    default:
      return event.type;
  }
}
