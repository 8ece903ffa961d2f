import { observationJson } from '../../../domain/observation/encoded.js';
import { rejected } from '../../../domain/outcome.js';
import type { AnswerOf, Gap, Query } from '../../../ports/browser-gateway.js';
import { responseSchemas } from '../../../protocol/browser.js';
import {
  emptyQuerySchema,
  observationsQuerySchema,
  transcriptQuerySchema,
  workersQuerySchema,
} from '../../../protocol/browser-requests.js';
import { runtimeIn, workerIn } from '../edge/addressed.js';
import { problemReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';
import { encodedReply, jsonReply } from '../edge/reply.js';

import type { Call } from './call.js';
import { reading } from './endpoint.js';
import { codesOfPage, codesOfRuntime, codesOfWorker } from './refusal-codes.js';

type ObservationsQuery = Extract<Query, { type: 'observations' }>;
type Answered<Q extends Query> = Extract<AnswerOf<Q>, { outcome: 'answered' }>;

async function answer<Q extends Query>(call: Call, query: Q, reply: (answer: Answered<Q>) => Reply): Promise<Reply> {
  const found = await call.gateway.read(query, { signal: call.request.signal });
  return found.outcome === 'answered' ? reply(found) : problemReply(found);
}

export const readRuntimes = reading({
  operationId: 'listRuntimes',
  summary: 'The Runtimes that are served here',
  needs: 'read',
  place: () => ({ value: undefined }),
  query: emptyQuerySchema,
  answers: { 200: { description: 'The Runtimes', schema: responseSchemas.runtimes } },
  codes: [],
  run: (call) => answer(call, { type: 'runtimes' }, ({ runtimes }) => jsonReply(200, { runtimes })),
});

export const readRuntime = reading({
  operationId: 'readRuntime',
  summary: 'One Runtime',
  needs: 'read',
  place: runtimeIn,
  query: emptyQuerySchema,
  answers: { 200: { description: 'The Runtime', schema: responseSchemas.runtime } },
  codes: codesOfRuntime,
  run: (call, runtimeId) =>
    answer(call, { type: 'runtimes', runtimeId }, ({ runtimes }) => {
      const runtime = runtimes.find((candidate) => candidate.runtimeId === runtimeId);
      return runtime ? jsonReply(200, { runtime }) : problemReply(rejected('runtime-unknown'));
    }),
});

export const readProfiles = reading({
  operationId: 'listProfiles',
  summary: 'What a Worker can be made from',
  needs: 'read',
  place: runtimeIn,
  query: emptyQuerySchema,
  answers: { 200: { description: 'The profiles', schema: responseSchemas.profiles } },
  codes: codesOfRuntime,
  run: (call, runtimeId) =>
    answer(call, { type: 'profiles', runtimeId }, ({ profiles }) => jsonReply(200, { profiles })),
});

export const readWorkers = reading({
  operationId: 'listWorkers',
  summary: 'The Workers of a Runtime, page by page',
  needs: 'read',
  place: runtimeIn,
  query: workersQuerySchema,
  answers: { 200: { description: 'A page; `next` where there is more', schema: responseSchemas.workers } },
  codes: [...codesOfRuntime, ...codesOfPage],
  run: (call, runtimeId, query) =>
    answer(call, { type: 'workers', runtimeId, ...query }, ({ workers, next }) =>
      jsonReply(200, { workers, ...(next && { next }) }),
    ),
});

export const readWorker = reading({
  operationId: 'readWorker',
  summary: 'One Worker',
  needs: 'read',
  place: workerIn,
  query: emptyQuerySchema,
  answers: { 200: { description: 'The Worker', schema: responseSchemas.worker } },
  codes: codesOfWorker,
  run: (call, worker) => answer(call, { type: 'worker', worker }, (found) => jsonReply(200, { worker: found.worker })),
});

const gapField = (gap: Gap | undefined) => gap && { gap: { from: gap.from, to: gap.to } };

export const readTranscript = reading({
  operationId: 'readTranscript',
  summary: 'The conversation of a Worker, page by page',
  needs: 'read',
  place: workerIn,
  query: transcriptQuerySchema,
  answers: { 200: { description: 'A page; `next` where there is more', schema: responseSchemas.transcript } },
  codes: [...codesOfWorker, ...codesOfPage],
  run: (call, worker, query) =>
    answer(call, { type: 'transcript', worker, ...query }, ({ entries, next, gap }) =>
      jsonReply(200, { entries, ...(next !== undefined && { next }), ...gapField(gap) }),
    ),
});

/** The observations' bytes are those of the log (O7). */
function observationsJson({ observations, next, gap }: Answered<ObservationsQuery>): string {
  const page = observations.map(observationJson).join(',');
  const rest = JSON.stringify({ ...(next && { next }), ...gapField(gap) }).slice(1);
  return `{"observations":[${page}]${rest === '}' ? '' : ','}${rest}`;
}

export const readObservations = reading({
  operationId: 'readObservations',
  summary: 'What happened to a Worker, page by page',
  needs: 'read',
  place: workerIn,
  query: observationsQuerySchema,
  answers: { 200: { description: 'A page; `next` where there is more now', schema: responseSchemas.observations } },
  codes: [...codesOfWorker, ...codesOfPage, 'cursor-unknown'],
  run: (call, worker, query) =>
    answer<ObservationsQuery>(call, { type: 'observations', worker, ...query }, (page) =>
      encodedReply(200, observationsJson(page)),
    ),
});
