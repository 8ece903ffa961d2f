import type { Errored } from '../domain/outcome.js';
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
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { fitAnswer, fitFrame, fitOutcome } from '../protocol/gateway-answers.js';
import { shownFrames } from './frames.js';
import { newCorrelationId } from './ids.js';

/** Refusals that speak of who asked: to the other host that is this one. */
const ofToken: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden']);

/**
 * The gateway of another host, of which nothing is passed on but what has the public shapes (B1). An answer of another
 * form, and that this host is not let in, is `errored` / `runtime-unavailable`, what is wrong stands in the operator log;
 * a stream ends there, and whoever watched may come again.
 */
export function guardedGateway(
  gateway: BrowserGateway,
  { logger, clock }: { readonly logger: Logger; readonly clock: Clock },
): BrowserGateway {
  function misfit(asked: string, executed: Errored['executed'], cause: unknown): Errored {
    const correlationId = newCorrelationId(clock);
    logger.error('another host answered in a form that is not known', { correlationId, asked, cause });
    return { outcome: 'errored', code: 'runtime-unavailable', executed, correlationId };
  }
  /**
   * What the other host says of this one's token says nothing of who asks here. Of a failure that is passed on the
   * operator is told its id, which the client of that host may have made by itself.
   */
  function shown<Answer extends { readonly outcome: string }>(asked: string, answer: Answer): Answer | Errored {
    const { outcome, code, correlationId: id } = answer as Answer & Partial<Pick<Errored, 'code' | 'correlationId'>>;
    if (outcome === 'errored') {
      logger.warn('another host failed or was not reached', { correlationId: id, asked, code });
      return answer;
    }
    if (outcome !== 'rejected' || code === undefined || !ofToken.has(code)) return answer;
    const correlationId = newCorrelationId(clock);
    logger.error('another host does not let this one do what was asked', { correlationId, asked, code });
    return { outcome: 'errored', code: 'runtime-unavailable', executed: 'no', correlationId };
  }
  function shownFrame(frame: Frame): Frame {
    if (frame.type === 'problem') return { type: 'problem', problem: shown('observe', frame.problem) };
    return frame.type === 'end' && frame.code === 'revoked' ? { type: 'end', code: 'server-draining' } : frame;
  }
  return {
    async execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>> {
      const fit = fitOutcome(command.type, await gateway.execute(command, call));
      return 'value' in fit
        ? shown(command.type, fit.value as OutcomeOf<C>)
        : misfit(command.type, 'unknown', fit.misfit);
    },
    async read<Q extends Query>(query: Q, call?: CallOptions): Promise<AnswerOf<Q>> {
      const fit = fitAnswer(query.type, written(await gateway.read(query, call)));
      return 'value' in fit ? shown(query.type, fit.value as AnswerOf<Q>) : misfit(query.type, 'no', fit.misfit);
    },
    observe(worker: WorkerRef, from?: string, call?: CallOptions): AsyncIterable<Frame> {
      return shownFrames(gateway.observe(worker, from, call), (frame, isFirst) => {
        const fit = fitFrame(written(frame));
        if ('value' in fit) return shownFrame(fit.value as Frame);
        const problem = misfit('observe', 'no', fit.misfit);
        return isFirst ? { type: 'problem', problem } : { type: 'end', code: 'server-draining' };
      });
    },
  };
}

/** With observations as they are written: those of a Runtime in this process are read when they are looked at. */
function written(value: unknown): unknown {
  const { observations } = value as { readonly observations?: unknown };
  return Array.isArray(observations) ? { ...(value as object), observations: observations.map(writtenOne) } : value;
}

function writtenOne(observation: unknown): unknown {
  const { toJSON } = Object(observation) as Partial<Record<'toJSON', unknown>>;
  return typeof toJSON === 'function' ? (toJSON.call(observation) as unknown) : observation;
}
