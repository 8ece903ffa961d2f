import { observationJson } from '../../../domain/observation/encoded.js';
import { rejected } from '../../../domain/outcome.js';
import type { AnswerOf, Gap, Query } from '../../../ports/browser-gateway.js';
import {
  emptyQuerySchema,
  observationsQuerySchema,
  transcriptQuerySchema,
  workersQuerySchema,
} from '../../../protocol/browser-requests.js';

import { runtimeIn, workerIn } from './addressed.js';
import type { Call } from './call.js';
import { withQuery } from './call.js';
import { problemReply } from './problem.js';
import type { Reply } from './reply.js';
import { encodedReply, jsonReply } from './reply.js';
import type { Parameters } from './router.js';

type ObservationsQuery = Extract<Query, { type: 'observations' }>;
type Answered<Q extends Query> = Extract<AnswerOf<Q>, { outcome: 'answered' }>;

async function answer<Q extends Query>(call: Call, query: Q, reply: (answer: Answered<Q>) => Reply): Promise<Reply> {
  const found = await call.gateway.read(query, { signal: call.request.signal });
  return found.outcome === 'answered' ? reply(found) : problemReply(found);
}

export const readRuntimes = (call: Call): Promise<Reply> =>
  withQuery(call, { value: undefined }, emptyQuerySchema, () =>
    answer(call, { type: 'runtimes' }, ({ runtimes }) => jsonReply(200, { runtimes })),
  );

export const readRuntime = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, runtimeIn(parameters), emptyQuerySchema, (runtimeId) =>
    answer(call, { type: 'runtimes' }, ({ runtimes }) => {
      const runtime = runtimes.find((candidate) => candidate.runtimeId === runtimeId);
      return runtime ? jsonReply(200, { runtime }) : problemReply(rejected('runtime-unknown'));
    }),
  );

export const readProfiles = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, runtimeIn(parameters), emptyQuerySchema, (runtimeId) =>
    answer(call, { type: 'profiles', runtimeId }, ({ profiles }) => jsonReply(200, { profiles })),
  );

export const readWorkers = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, runtimeIn(parameters), workersQuerySchema, (runtimeId, query) =>
    answer(call, { type: 'workers', runtimeId, ...query }, ({ workers, next }) =>
      jsonReply(200, { workers, ...(next && { next }) }),
    ),
  );

export const readWorker = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, workerIn(parameters), emptyQuerySchema, (worker) =>
    answer(call, { type: 'worker', worker }, (found) => jsonReply(200, { worker: found.worker })),
  );

const gapField = (gap: Gap | undefined) => gap && { gap: { from: gap.from, to: gap.to } };

export const readTranscript = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, workerIn(parameters), transcriptQuerySchema, (worker, query) =>
    answer(call, { type: 'transcript', worker, ...query }, ({ entries, next, gap }) =>
      jsonReply(200, { entries, ...(next !== undefined && { next }), ...gapField(gap) }),
    ),
  );

/** The observations' bytes are those of the log (O7). */
function observationsJson({ observations, next, gap }: Answered<ObservationsQuery>): string {
  const page = observations.map(observationJson).join(',');
  const rest = JSON.stringify({ ...(next && { next }), ...gapField(gap) }).slice(1);
  return `{"observations":[${page}]${rest === '}' ? '' : ','}${rest}`;
}

export const readObservations = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, workerIn(parameters), observationsQuerySchema, (worker, query) =>
    answer<ObservationsQuery>(call, { type: 'observations', worker, ...query }, (page) =>
      encodedReply(200, observationsJson(page)),
    ),
  );
