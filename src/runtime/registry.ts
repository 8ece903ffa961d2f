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

/** Several Runtimes as one gateway: routes by `runtimeId`. */
export function registry(runtimes: ReadonlyMap<RuntimeId, BrowserGateway>): BrowserGateway {
  return {
    async execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>> {
      const runtimeId = command.type === 'create' ? command.runtimeId : command.worker.runtimeId;
      const runtime = runtimes.get(runtimeId);
      return runtime ? runtime.execute(command, call) : rejected('runtime-unknown');
    },
    async read<Q extends Query>(query: Q, call?: CallOptions): Promise<AnswerOf<Q>> {
      if (query.type === 'runtimes') return await readAll(runtimes, call);
      const runtime = runtimes.get('runtimeId' in query ? query.runtimeId : query.worker.runtimeId);
      return runtime ? runtime.read(query, call) : rejected('runtime-unknown');
    },
    observe(worker: WorkerRef, from?: string, call?: CallOptions): AsyncIterable<Frame> {
      return runtimes.get(worker.runtimeId)?.observe(worker, from, call) ?? unknown();
    },
  };
}

/** One that does not answer hides none of the others. */
async function readAll(
  runtimes: ReadonlyMap<RuntimeId, BrowserGateway>,
  call: CallOptions | undefined,
): Promise<AnswerOf<{ type: 'runtimes' }>> {
  const answers = await Promise.all([...runtimes.values()].map((runtime) => runtime.read({ type: 'runtimes' }, call)));
  const views: RuntimeView[] = [];
  for (const answer of answers) if (answer.outcome === 'answered') views.push(...answer.runtimes);
  return { outcome: 'answered', runtimes: views };
}

async function* unknown(): AsyncGenerator<Frame> {
  yield await Promise.resolve({ type: 'problem', problem: rejected('runtime-unknown') } as const);
}
