import { BackendId } from '../../../src/domain/ids.js';
import type { InputId, QuestionId, WorkerId } from '../../../src/domain/ids.js';
import type { BackendEvent } from '../../../src/domain/observation/event.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { ExecutionBackend, ExecutionFacts } from '../../../src/ports/execution-backend.js';
import type { ObservationPublisher } from '../../../src/ports/observation-publisher.js';
import type { Chance } from '../kill/chance.js';
import { able, accepted, runEnded, say, stopped } from '../scripted-backend.js';

/** What backends were asked to run, by all hosts together. */
export interface Dispatched {
  readonly workerId: WorkerId;
  readonly hosts: string[];
  begun: number;
}

interface Execution {
  generation: number;
  publisher: ObservationPublisher;
  /** Everything that was said, in its order, and where each generation began in it. */
  readonly journal: BackendEvent[];
  readonly beginnings: Map<number, number>;
  readonly taken: Set<InputId>;
  open: InputId | undefined;
  asked: QuestionId | undefined;
}

export interface GridOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly dispatched: Map<InputId, Dispatched>;
  readonly canRecover: boolean;
  /** Whether it refuses and is slow now and then. */
  readonly isTroubled: () => boolean;
}

export interface Grid {
  /** What a host is handed. */
  backendAt(host: string, endsWithHost: boolean): ExecutionBackend;
  /** Whose execution runs. */
  running(): readonly WorkerId[];
}

const stale = { outcome: 'errored', code: 'stale-generation' } as const;
export const questionOf = (inputId: InputId): QuestionId => `q-${inputId}` as QuestionId;

/** Executes Workers for whichever hosts ask, the highest generation alone (E6), and can say everything again. */
export function grid(options: GridOptions): Grid {
  const { clock, chance } = options;
  const executions = new Map<WorkerId, Execution>();
  const highest = new Map<WorkerId, number>();
  const facts: ExecutionFacts = { capabilities: { ...able, recover: options.canRecover } };
  const isUnlucky = (probability: number): boolean => options.isTroubled() && chance.happens(probability);
  const pass = (): Promise<void> | void => {
    const ms = options.isTroubled() && chance.happens(0.5) ? chance.below(300) : 0;
    if (ms > 0) return new Promise<void>((resolve) => void clock.after(ms, resolve));
  };
  const isStale = (workerId: WorkerId, generation: number): boolean => {
    if (generation < (highest.get(workerId) ?? 0)) return true;
    highest.set(workerId, generation);
    return false;
  };
  const tell = (execution: Execution, event: BackendEvent): void => {
    execution.journal.push(event);
    void execution.publisher.publish(event);
  };
  const end = (execution: Execution, inputId: InputId, how: 'completed' | 'cancelled'): void => {
    if (execution.open !== inputId) return;
    if (execution.asked !== undefined) {
      tell(execution, say({ type: 'question-withdrawn', questionId: execution.asked, cause: 'withdrawn' }, inputId));
    }
    execution.open = execution.asked = undefined;
    tell(execution, runEnded(inputId, how));
  };
  const later = (workerId: WorkerId, execution: Execution, run: () => void): void => {
    clock.after(chance.below(400), () => {
      if (executions.get(workerId) === execution) run();
    });
  };
  const begin = (workerId: WorkerId, execution: Execution, inputId: InputId): void => {
    execution.open = inputId;
    execution.taken.add(inputId);
    later(workerId, execution, () => {
      if (execution.open !== inputId) return;
      tell(execution, say({ type: 'text-delta', messageId: inputId, text: 'a' }, inputId));
      if (chance.happens(0.25)) {
        execution.asked = questionOf(inputId);
        tell(execution, say({ type: 'question-asked', questionId: execution.asked, prompt: 'Go on?' }, inputId));
      } else later(workerId, execution, () => end(execution, inputId, 'completed'));
    });
  };
  /** What a generation that is not the newest asks of an execution is not done. */
  const current = ({ workerId, generation }: { workerId: WorkerId; generation: number }): Execution | undefined => {
    const execution = executions.get(workerId);
    return execution?.generation === generation ? execution : undefined;
  };

  return {
    running: () => [...executions.keys()],
    backendAt: (host, endsWithHost) => ({
      specification: 'execution-backend/1',
      id: BackendId(endsWithHost ? 'local' : 'shared'),
      async spawn({ workerId, generation }, publisher) {
        await pass();
        if (isStale(workerId, generation)) return stale;
        const known = executions.get(workerId);
        if (known?.generation !== generation) {
          executions.delete(workerId);
          if (isUnlucky(0.1)) return { outcome: 'busy' };
          const beginnings = new Map([[generation, 0]]);
          const nothing = { journal: [], taken: new Set<InputId>(), open: undefined, asked: undefined };
          executions.set(workerId, { generation, publisher, beginnings, ...nothing });
        }
        await pass();
        return { outcome: 'connected', ...facts };
      },
      async recover({ handle, position, inputId }, publisher) {
        const { workerId, generation } = handle;
        await pass();
        if (isStale(workerId, generation)) return stale;
        const execution = executions.get(workerId);
        const beginning = execution?.beginnings.get(position.generation);
        if (!execution || beginning === undefined) return { outcome: 'lost' };
        const from = beginning + position.sequence;
        Object.assign(execution, { generation, publisher });
        execution.beginnings.set(generation, from);
        for (const event of execution.journal.slice(from)) void publisher.publish(event);
        await pass();
        return { outcome: 'adopted', ...facts, ...(inputId && { taken: execution.taken.has(inputId) }) };
      },
      async dispatch(handle, { inputId }) {
        await pass();
        const execution = current(handle);
        if (!execution || isStale(handle.workerId, handle.generation)) return stale;
        const known = options.dispatched.get(inputId) ?? { workerId: handle.workerId, hosts: [], begun: 0 };
        options.dispatched.set(inputId, known);
        known.hosts.push(host);
        if (execution.taken.has(inputId)) return accepted;
        if (execution.open !== undefined || isUnlucky(0.05)) return { outcome: 'busy' };
        known.begun += 1;
        begin(handle.workerId, execution, inputId);
        await pass();
        return accepted;
      },
      async answer(handle, { questionId }) {
        await pass();
        const execution = current(handle);
        if (!execution) return stale;
        const { open } = execution;
        if (execution.asked !== questionId || !open) return { outcome: 'rejected', code: 'question-unknown' };
        execution.asked = undefined;
        later(handle.workerId, execution, () => end(execution, open, 'completed'));
        return accepted;
      },
      async cancel(handle, { inputId }) {
        await pass();
        const execution = current(handle);
        if (!execution) return stale;
        if (execution.open !== inputId) return { outcome: 'rejected', code: 'input-not-open' };
        end(execution, inputId, 'cancelled');
        return accepted;
      },
      async stop({ workerId, generation }) {
        await pass();
        if (isStale(workerId, generation)) return stale;
        executions.delete(workerId);
        await pass();
        return stopped;
      },
      [Symbol.asyncDispose]() {
        if (endsWithHost) executions.clear();
        return Promise.resolve();
      },
    }),
  };
}
