import { randomUUID } from 'node:crypto';

import { Generation, InputId, WorkerId } from '../../src/domain/ids.js';
import type { BackendEvent } from '../../src/domain/observation/event.js';
import type { ExecutionBackend, ExecutionHandle } from '../../src/ports/execution-backend.js';
import type { ExecutionExit, ObservationPublisher, Recorded } from '../../src/ports/observation-publisher.js';

export interface Execution {
  readonly handle: ExecutionHandle;
  readonly publisher: ObservationPublisher;
  readonly events: BackendEvent[];
  /** Resolves when the execution was disconnected. */
  readonly exited: Promise<ExecutionExit>;
  /** Resolves with all events so far once one of them is as asked for. */
  until(isIt: (event: BackendEvent) => boolean): Promise<readonly BackendEvent[]>;
}

export const neverAborted = { signal: new AbortController().signal };

/** A new Worker as its host sees it: every event is recorded at once. */
export function execution(workerId = WorkerId(randomUUID()), generation = 1): Execution {
  const events: BackendEvent[] = [];
  const listeners: ((upTo: Recorded) => void)[] = [];
  const waiting = new Set<(event: BackendEvent) => void>();
  let exit: (exit: ExecutionExit) => void = () => undefined;
  const exited = new Promise<ExecutionExit>((resolve) => (exit = resolve));
  const publisher: ObservationPublisher = {
    workerId,
    generation: Generation(generation),
    async publish(event) {
      events.push(event);
      const sequence = events.length;
      setImmediate(() => listeners.forEach((listener) => listener({ sequence })));
      for (const look of [...waiting]) look(event);
      return { outcome: 'taken' };
    },
    disconnect: async (how) => exit(how),
    onRecorded: (listener) => void listeners.push(listener),
    decide: async () => undefined,
  };
  return {
    handle: { workerId, generation: Generation(generation) },
    publisher,
    events,
    exited,
    until: (isIt) =>
      new Promise((resolve) => {
        const look = (event: BackendEvent): void => {
          if (!isIt(event)) return;
          waiting.delete(look);
          resolve(events);
        };
        waiting.add(look);
        events.forEach(look);
      }),
  };
}

export const spawn = (backend: ExecutionBackend, { handle, publisher }: Execution, options = {}) =>
  backend.spawn({ ...handle, profile: { name: 'profile', options } }, publisher, neverAborted);

/** Hands over an input and answers its id; throws where it is not accepted. */
export async function send(backend: ExecutionBackend, { handle }: Execution, text: string): Promise<InputId> {
  const inputId = InputId(randomUUID());
  const outcome = await backend.dispatch(handle, { inputId, parts: [{ type: 'text', text }] }, neverAborted);
  if (outcome.outcome !== 'accepted') throw new Error(`the input was not accepted: ${JSON.stringify(outcome)}`);
  return inputId;
}

/** Runs an input to its end and answers what it said, its end last. */
export async function say(backend: ExecutionBackend, worker: Execution, text: string): Promise<BackendEvent[]> {
  const inputId = await send(backend, worker, text);
  const isEnd = (event: BackendEvent): boolean => event.type === 'run-ended' && event.inputId === inputId;
  return (await worker.until(isEnd)).filter((event) => event.inputId === inputId);
}

export const cancel = (backend: ExecutionBackend, { handle }: Execution, inputId: InputId, deadlineMs = 10_000) =>
  backend.cancel(handle, { inputId, deadlineMs }, neverAborted);

export const stop = (backend: ExecutionBackend, { handle }: Execution, graceMs = 5000) =>
  backend.stop(handle, { graceMs }, neverAborted);
