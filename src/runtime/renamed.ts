import type { RuntimeId } from '../domain/ids.js';
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
import { refusedFrames, shownFrames } from './frames.js';

/** What a Runtime is called here, and on its own host. */
export interface RuntimeNames {
  readonly here: RuntimeId;
  readonly there: RuntimeId;
}

type Addressed = Command | Exclude<Query, { type: 'runtimes' }>;

const addressOf = (asked: Addressed): { readonly runtimeId: RuntimeId } => ('worker' in asked ? asked.worker : asked);

/** One Runtime of another host's gateway, under a name of this host. Nothing else of that gateway is in it. */
export function renamed(gateway: BrowserGateway, { here, there }: RuntimeNames): BrowserGateway {
  const shown = <View extends { readonly runtimeId: RuntimeId }>(view: View): View => ({ ...view, runtimeId: here });
  const refThere = ({ workerId }: WorkerRef): WorkerRef => ({ runtimeId: there, workerId });
  const askedThere = <Asked extends Addressed>(asked: Asked): Asked =>
    'worker' in asked ? { ...asked, worker: refThere(asked.worker) } : { ...asked, runtimeId: there };

  async function execute(command: Command, call?: CallOptions): Promise<OutcomeOf<Command>> {
    if (addressOf(command).runtimeId !== here) return rejected('runtime-unknown');
    const outcome: OutcomeOf<Command> = await gateway.execute(askedThere(command), call);
    return 'worker' in outcome ? { ...outcome, worker: shown(outcome.worker) } : outcome;
  }

  async function read(query: Query, call?: CallOptions): Promise<AnswerOf<Query>> {
    if (query.type === 'runtimes') {
      if (query.runtimeId !== undefined && query.runtimeId !== here) return rejected('runtime-unknown');
      // That one alone: a list of all would ask those that are mounted there, and one of them may be this host.
      const answer = await gateway.read({ ...query, runtimeId: there }, call);
      if (answer.outcome !== 'answered') return answer;
      const runtimes = answer.runtimes.filter(({ runtimeId }) => runtimeId === there).map(shown);
      return { outcome: 'answered', runtimes };
    }
    if (addressOf(query).runtimeId !== here) return rejected('runtime-unknown');
    const answer: AnswerOf<Query> = await gateway.read(askedThere(query), call);
    if ('workers' in answer) return { ...answer, workers: answer.workers.map(shown) };
    return 'worker' in answer ? { ...answer, worker: shown(answer.worker) } : answer;
  }

  return {
    async execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>> {
      return await execute(command, call);
    },
    async read<Q extends Query>(query: Q, call?: CallOptions): Promise<AnswerOf<Q>> {
      return await read(query, call);
    },
    observe(worker: WorkerRef, from?: string, call?: CallOptions): AsyncIterable<Frame> {
      if (worker.runtimeId !== here) return refusedFrames(rejected('runtime-unknown'));
      return shownFrames(gateway.observe(refThere(worker), from, call), (frame) =>
        frame.type === 'snapshot' ? { ...frame, worker: shown(frame.worker) } : frame,
      );
    },
  };
}
