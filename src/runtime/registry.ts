import type { RuntimeId } from '../domain/ids.js';
import type { RuntimeView } from '../domain/observation/view.js';
import { rejected } from '../domain/outcome.js';
import type {
  AnswerOf,
  BrowserGateway,
  CallOptions,
  Command,
  Frame,
  OutcomeOf,
  Query,
  WorkerRef,
} from '../ports/browser-gateway.js';
import { systemClock } from '../ports/clock.js';
import type { Clock } from '../ports/clock.js';
import { abortable, linkedSignal } from '../ports/abort.js';
import { late, withDeadline } from './deadline.js';
import { refusedFrames } from './frames.js';

export interface RegistryOptions {
  /** How long a list of the Runtimes waits for each of them, in milliseconds. 5,000. */
  readonly listMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Several Runtimes as one gateway: routes by `runtimeId`. */
export function registry(
  runtimes: ReadonlyMap<RuntimeId, BrowserGateway>,
  { listMs = 5_000, clock = systemClock }: RegistryOptions = {},
): BrowserGateway {
  return {
    async execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>> {
      const runtimeId = command.type === 'create' ? command.runtimeId : command.worker.runtimeId;
      const runtime = runtimes.get(runtimeId);
      return runtime ? runtime.execute(command, call) : rejected('runtime-unknown');
    },
    async read<Q extends Query>(query: Q, call?: CallOptions): Promise<AnswerOf<Q>> {
      const runtimeId = 'worker' in query ? query.worker.runtimeId : query.runtimeId;
      if (runtimeId === undefined) return await readAll(runtimes, { listMs, clock }, call);
      const runtime = runtimes.get(runtimeId);
      return runtime ? runtime.read(query, call) : rejected('runtime-unknown');
    },
    observe(worker: WorkerRef, from?: string, call?: CallOptions): AsyncIterable<Frame> {
      return runtimes.get(worker.runtimeId)?.observe(worker, from, call) ?? refusedFrames(rejected('runtime-unknown'));
    },
  };
}

/** One that does not answer in time hides none of the others. */
async function readAll(
  runtimes: ReadonlyMap<RuntimeId, BrowserGateway>,
  { listMs, clock }: { readonly listMs: number; readonly clock: Clock },
  call: CallOptions | undefined,
): Promise<AnswerOf<{ type: 'runtimes' }>> {
  call?.signal?.throwIfAborted();
  const viewsOf = async ([runtimeId, runtime]: [RuntimeId, BrowserGateway]): Promise<readonly RuntimeView[]> => {
    const answer = await withDeadline(clock, listMs, async (deadline) => {
      const { signal, release } = linkedSignal([call?.signal, deadline.signal]);
      try {
        return await runtime.read({ type: 'runtimes', runtimeId }, { ...call, signal });
      } finally {
        release();
      }
    }).catch(() => undefined);
    return answer && answer !== late && answer.outcome === 'answered' ? answer.runtimes : [];
  };
  const views = Promise.all([...runtimes].map(viewsOf));
  return { outcome: 'answered', runtimes: (await abortable(views, call?.signal)).flat() };
}
