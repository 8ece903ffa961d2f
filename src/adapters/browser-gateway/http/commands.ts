import * as z from 'zod';

import type { RuntimeId } from '../../../domain/ids.js';
import { rejected } from '../../../domain/outcome.js';
import type { Command, OutcomeOf, WorkerRef } from '../../../ports/browser-gateway.js';
import {
  answerBodySchema,
  cancelBodySchema,
  createBodySchema,
  emptyBodySchema,
  emptyQuerySchema,
  inputBodySchema,
  stopBodySchema,
} from '../../../protocol/browser-requests.js';

import { inputIn, questionIn, runtimeIn, workerIn } from './addressed.js';
import type { BodyForm, Call } from './call.js';
import { withBody, withQuery } from './call.js';
import type { Input, InputBody } from './input.js';
import { idempotencyKeyOf, inputOf, keyedInputOf } from './input.js';
import { problemReply } from './problem.js';
import type { Reply } from './reply.js';
import { emptyReply, jsonReply } from './reply.js';
import type { Parameters } from './router.js';

type Accepted<C extends Command> = Extract<OutcomeOf<C>, { outcome: 'accepted' }>;
type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

const bodyForm = <T>(schema: z.ZodType<T>): BodyForm<T> => ({ schema: z.compile(schema) });
const optionalBodyForm = <T>(schema: z.ZodType<T>, whenAbsent: T): BodyForm<T> => ({ ...bodyForm(schema), whenAbsent });

const createBody = bodyForm(createBodySchema);
const inputBody = bodyForm(inputBodySchema);
const answerBody = bodyForm(answerBodySchema);
const cancelBody = optionalBodyForm(cancelBodySchema, {});
const reconnectBody = optionalBodyForm(emptyBodySchema, {});
const stopBody = optionalBodyForm(stopBodySchema, {});

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

async function createFrom(call: Call, runtimeId: RuntimeId, body: z.output<typeof createBodySchema>) {
  const key = idempotencyKeyOf(call.request);
  if ('refusal' in key) return problemReply(key.refusal);
  const input = body.input ? inputOf(body.input) : { value: undefined };
  if ('refusal' in input) return problemReply(input.refusal);
  if (input.value && !call.edge.quota.takeInput(call.principal)) return problemReply(rejected('quota-exceeded'));
  const { profile, displayName } = body;
  return execute<CommandOf<'create'>>(
    call,
    { type: 'create', runtimeId, profile, displayName, input: input.value, idempotencyKey: key.value },
    createdReply,
  );
}

export const create = (call: Call, parameters: Parameters): Promise<Reply> =>
  withBody(call, runtimeIn(parameters), createBody, (runtimeId, body) => createFrom(call, runtimeId, body));

const sendInput = (call: Call, worker: WorkerRef, { inputId, parts }: Input): Promise<Reply> =>
  execute<CommandOf<'input'>>(call, { type: 'input', worker, inputId, parts }, (accepted) =>
    jsonReply(202, { inputId: accepted.inputId, cursor: accepted.cursor }),
  );

async function inputFrom(call: Call, worker: WorkerRef, body: InputBody): Promise<Reply> {
  const input = keyedInputOf(call.request, body);
  if ('refusal' in input) return problemReply(input.refusal);
  if (!call.edge.quota.takeInput(call.principal)) return problemReply(rejected('quota-exceeded'));
  return sendInput(call, worker, input.value);
}

export const input = (call: Call, parameters: Parameters): Promise<Reply> =>
  withBody(call, workerIn(parameters), inputBody, (worker, body) => inputFrom(call, worker, body));

export const answer = (call: Call, parameters: Parameters): Promise<Reply> =>
  withBody(call, questionIn(parameters), answerBody, (question, body) =>
    execute(call, { type: 'answer', ...question, answer: body }, () => jsonReply(200, {})),
  );

export const cancel = (call: Call, parameters: Parameters): Promise<Reply> =>
  withBody(call, inputIn(parameters), cancelBody, (open, { deadlineMs }) =>
    execute<CommandOf<'cancel'>>(call, { type: 'cancel', ...open, deadlineMs }, ({ end }) => jsonReply(200, { end })),
  );

export const reconnect = (call: Call, parameters: Parameters): Promise<Reply> =>
  withBody(call, workerIn(parameters), reconnectBody, (worker) =>
    execute<CommandOf<'reconnect'>>(call, { type: 'reconnect', worker }, (accepted) =>
      jsonReply(200, { worker: accepted.worker }),
    ),
  );

export const stop = (call: Call, parameters: Parameters): Promise<Reply> =>
  withBody(call, workerIn(parameters), stopBody, (worker, { graceMs }) =>
    execute<CommandOf<'stop'>>(call, { type: 'stop', worker, graceMs }, (accepted) =>
      jsonReply(200, { worker: accepted.worker, end: accepted.end }),
    ),
  );

/** A Worker that cannot be seen is as good as deleted: what is not there and what may not be seen look alike (B4). */
export async function remove(call: Call, parameters: Parameters): Promise<Reply> {
  const worker = workerIn(parameters);
  if ('refusal' in worker && worker.refusal.code === 'worker-unknown') return emptyReply(204);
  return withQuery(call, worker, emptyQuerySchema, async (named) => {
    const outcome = await call.gateway.execute({ type: 'delete', worker: named }, { signal: call.request.signal });
    const isGone = outcome.outcome === 'rejected' && outcome.code === 'worker-unknown';
    return outcome.outcome === 'accepted' || isGone ? emptyReply(204) : problemReply(outcome);
  });
}
