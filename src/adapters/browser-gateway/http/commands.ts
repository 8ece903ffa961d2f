import type * as z from 'zod';

import type { RuntimeId } from '../../../domain/ids.js';
import type { Command, OutcomeOf, WorkerRef } from '../../../ports/browser-gateway.js';
import { responseSchemas } from '../../../protocol/browser.js';
import {
  answerBodySchema,
  cancelBodySchema,
  createBodySchema,
  createHeadersSchema,
  emptyBodySchema,
  emptyQuerySchema,
  inputBodySchema,
  inputHeadersSchema,
  stopBodySchema,
} from '../../../protocol/browser-requests.js';
import { inputIn, questionIn, runtimeIn, workerIn, workerOrNoneIn } from '../edge/addressed.js';
import { problemReply, quotaReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';
import { emptyReply, jsonReply } from '../edge/reply.js';

import { bodyForm, optionalBodyForm } from './body.js';
import type { Call } from './call.js';
import { reading, sending } from './endpoint.js';
import type { Input, InputBody } from './input.js';
import { inputOf, keyOf, keyedInputOf } from './input.js';
import { codesOfBackend, codesOfOperation, codesOfRuntime, codesOfWorker } from './refusal-codes.js';

type Accepted<C extends Command> = Extract<OutcomeOf<C>, { outcome: 'accepted' }>;
type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

async function execute<C extends Command>(
  call: Call,
  command: C,
  reply: (accepted: Accepted<C>) => Reply,
): Promise<Reply> {
  const outcome = await call.gateway.execute(command, { signal: call.request.signal });
  return outcome.outcome === 'accepted' ? reply(outcome) : problemReply(outcome);
}

const pathOf = ({ runtimeId, workerId }: WorkerRef): string => `/api/v1/runtimes/${runtimeId}/workers/${workerId}`;

function createdReply({ worker, created, inputId, cursor }: Accepted<CommandOf<'create'>>): Reply {
  const body = { worker, ...(inputId && { inputId }), ...(cursor && { cursor }) };
  return jsonReply(created ? 201 : 200, body, { location: pathOf(worker) });
}

/** Counts an input of who calls; the answer where that is one too many. */
function overQuota({ edge, principalId }: Call): Reply | undefined {
  const left = edge.quota.takeInput(principalId);
  return left === 'taken' ? undefined : quotaReply(edge.options.inputsPerMinute, left);
}

async function createFrom(call: Call, runtimeId: RuntimeId, body: z.output<typeof createBodySchema>) {
  const key = keyOf(call.request, createHeadersSchema.shape['idempotency-key']);
  if ('refusal' in key) return problemReply(key.refusal);
  const input = body.input ? inputOf(body.input) : { value: undefined };
  if ('refusal' in input) return problemReply(input.refusal);
  const refused = input.value && overQuota(call);
  if (refused) return refused;
  const { profile, displayName } = body;
  return execute<CommandOf<'create'>>(
    call,
    { type: 'create', runtimeId, profile, displayName, input: input.value, idempotencyKey: key.value },
    createdReply,
  );
}

const location = { location: 'The path of the Worker' };

export const create = sending({
  operationId: 'createWorker',
  summary: 'Makes a Worker, with a first input where one is given',
  needs: 'control',
  place: runtimeIn,
  headers: createHeadersSchema,
  body: bodyForm(createBodySchema),
  answers: {
    200: {
      description: 'The Worker of an earlier call with this key',
      schema: responseSchemas.create,
      headers: location,
    },
    201: { description: 'The Worker that was made', schema: responseSchemas.create, headers: location },
  },
  codes: [
    ...codesOfRuntime,
    ...codesOfBackend,
    'media-type-unsupported',
    'profile-unknown',
    'input-invalid',
    'worker-conflict',
    'worker-unknown',
    'worker-unconnected',
  ],
  run: createFrom,
});

const sendInput = (call: Call, worker: WorkerRef, { inputId, parts }: Input): Promise<Reply> =>
  execute<CommandOf<'input'>>(call, { type: 'input', worker, inputId, parts }, (accepted) =>
    jsonReply(202, { inputId: accepted.inputId, cursor: accepted.cursor }),
  );

function inputFrom(call: Call, worker: WorkerRef, body: InputBody): Promise<Reply> | Reply {
  const input = keyedInputOf(call.request, body);
  if ('refusal' in input) return problemReply(input.refusal);
  const refused = overQuota(call);
  if (refused) return refused;
  return sendInput(call, worker, input.value);
}

export const input = sending({
  operationId: 'sendInput',
  summary: 'Gives a Worker something to do',
  needs: 'input',
  place: workerIn,
  headers: inputHeadersSchema,
  body: bodyForm(inputBodySchema),
  answers: { 202: { description: 'It is accepted, durably', schema: responseSchemas.input } },
  codes: [
    ...codesOfOperation,
    'media-type-unsupported',
    'input-invalid',
    'input-conflict',
    'busy',
    'worker-unconnected',
    'worker-connecting',
    'worker-stopped',
  ],
  run: inputFrom,
});

export const answer = sending({
  operationId: 'answerQuestion',
  summary: 'Answers a question of a Worker',
  needs: 'input',
  place: questionIn,
  body: bodyForm(answerBodySchema),
  answers: { 200: { description: 'The answer is taken', schema: responseSchemas.answer } },
  codes: [...codesOfOperation, 'media-type-unsupported', 'question-unknown', 'question-closed', 'answer-invalid'],
  run: (call, question, body) => execute(call, { type: 'answer', ...question, answer: body }, () => jsonReply(200, {})),
});

export const cancel = sending({
  operationId: 'cancelInput',
  summary: 'Ends the open input of a Worker',
  needs: 'input',
  place: inputIn,
  body: optionalBodyForm(cancelBodySchema, {}),
  answers: { 200: { description: 'The input has ended', schema: responseSchemas.cancel } },
  codes: [...codesOfOperation, 'media-type-unsupported', 'input-not-open'],
  run: (call, open, { deadlineMs }) =>
    execute<CommandOf<'cancel'>>(call, { type: 'cancel', ...open, deadlineMs }, ({ end }) => jsonReply(200, { end })),
});

export const reconnect = sending({
  operationId: 'reconnectWorker',
  summary: 'Connects a Worker to an execution again',
  needs: 'control',
  place: workerIn,
  body: optionalBodyForm(emptyBodySchema, {}),
  answers: { 200: { description: 'The Worker is connected', schema: responseSchemas.reconnect } },
  codes: [...codesOfOperation, 'media-type-unsupported', 'worker-stopped'],
  run: (call, worker) =>
    execute<CommandOf<'reconnect'>>(call, { type: 'reconnect', worker }, (accepted) =>
      jsonReply(200, { worker: accepted.worker }),
    ),
});

export const stop = sending({
  operationId: 'stopWorker',
  summary: 'Stops a Worker for good; its history stays',
  needs: 'control',
  place: workerIn,
  body: optionalBodyForm(stopBodySchema, {}),
  answers: { 200: { description: 'The Worker is stopped', schema: responseSchemas.stop } },
  codes: [...codesOfOperation, 'media-type-unsupported'],
  run: (call, worker, { graceMs }) =>
    execute<CommandOf<'stop'>>(call, { type: 'stop', worker, graceMs }, (accepted) =>
      jsonReply(200, { worker: accepted.worker, end: accepted.end }),
    ),
});

/** A Worker that cannot be seen is as good as deleted: what is not there and what may not be seen look alike (B4). */
async function removeAt(call: Call, worker: WorkerRef): Promise<Reply> {
  const outcome = await call.gateway.execute({ type: 'delete', worker }, { signal: call.request.signal });
  const isGone = outcome.outcome === 'rejected' && outcome.code === 'worker-unknown';
  return outcome.outcome === 'accepted' || isGone ? emptyReply(204) : problemReply(outcome);
}

export const remove = reading({
  operationId: 'deleteWorker',
  summary: 'Removes a stopped Worker with its history',
  needs: 'control',
  place: workerOrNoneIn,
  query: emptyQuerySchema,
  answers: { 204: { description: 'There is no such Worker now' } },
  codes: [...codesOfWorker, 'quota-exceeded', 'worker-not-stopped'],
  run: removeAt,
});
