/**
 * The public shapes of the browser API (B1): what is not named here does not leave. The adapters build them field by
 * field from the domain's projection; these schemas are what clients, OpenAPI and the leak tests hold them against.
 */
import * as z from 'zod';

import { erroredCodes, rejectedCodes, streamEndCodes, unconnectedReasons } from '../domain/codes.js';
import { RuntimeId, WorkerId, namePattern, uuidPattern } from '../domain/ids.js';
import { publicStatuses } from '../domain/observation/view.js';
import { operations } from '../domain/outcome.js';

import { diffsSchema, planStepsSchema, questionOptionsSchema } from './event-shapes.js';
import { correlationIdSchema, inputIdSchema, questionIdSchema, sequenceSchema, timeSchema } from './fields.js';
import { jsonSchema } from './json.js';
import {
  answerSchema,
  backendCodeSchema,
  cursorSchema,
  observationSchema,
  partSchema,
  profileNameSchema,
} from './observation.js';

export const runtimeIdSchema = z.string().regex(namePattern).transform(RuntimeId);
export const workerIdSchema = z.string().regex(uuidPattern).transform(WorkerId);

export const runtimeViewSchema = z.strictObject({
  runtimeId: runtimeIdSchema,
  displayName: z.exactOptional(z.string()),
  ready: z.boolean(),
  draining: z.boolean(),
  durability: z.enum(['sync', 'interval', 'none']),
});

export const profileViewSchema = z.strictObject({
  name: profileNameSchema,
  label: z.string(),
  description: z.exactOptional(z.string()),
});

export const openQuestionSchema = z.strictObject({
  questionId: questionIdSchema,
  prompt: z.string(),
  options: z.exactOptional(questionOptionsSchema),
  expiresAt: z.exactOptional(timeSchema),
});

export const lastFailureSchema = z.strictObject({
  code: z.string(),
  backendCode: z.exactOptional(backendCodeSchema),
  correlationId: z.exactOptional(correlationIdSchema),
  at: timeSchema,
});

export const workerViewSchema = z.strictObject({
  runtimeId: runtimeIdSchema,
  workerId: workerIdSchema,
  profile: profileNameSchema,
  displayName: z.exactOptional(z.string()),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  status: z.enum(publicStatuses),
  reason: z.exactOptional(z.enum(unconnectedReasons)),
  cause: z.exactOptional(z.enum(['reconnect', 'recover', 'user', 'system'])),
  openInput: z.exactOptional(z.strictObject({ inputId: inputIdSchema, acceptedAt: timeSchema })),
  openQuestions: z.array(openQuestionSchema),
  lastCursor: cursorSchema,
  lastFailure: z.exactOptional(lastFailureSchema),
});

export const transcriptPartSchema = z.union([
  partSchema,
  z.strictObject({ type: z.literal('reasoning'), text: z.string() }),
  z.strictObject({
    type: z.literal('output'),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    truncated: z.exactOptional(z.boolean()),
  }),
  z.strictObject({
    type: z.literal('tool-call'),
    name: z.string(),
    title: z.exactOptional(z.string()),
    input: z.exactOptional(jsonSchema),
    output: z.exactOptional(jsonSchema),
    diffs: z.exactOptional(diffsSchema),
    isError: z.exactOptional(z.boolean()),
  }),
  z.strictObject({ type: z.literal('plan'), steps: planStepsSchema }),
  z.strictObject({
    type: z.literal('question'),
    prompt: z.string(),
    options: z.exactOptional(questionOptionsSchema),
    end: z.exactOptional(z.enum(['answered', 'withdrawn', 'expired', 'interrupted'])),
    answer: z.exactOptional(answerSchema),
  }),
  z.strictObject({ type: z.literal('activity'), title: z.exactOptional(z.string()) }),
  z.strictObject({ type: z.literal('notice'), code: z.string() }),
]);

export const transcriptEntrySchema = z.strictObject({
  id: z.string(),
  sequence: sequenceSchema,
  at: timeSchema,
  role: z.enum(['user', 'assistant', 'tool', 'system']),
  inputId: z.exactOptional(inputIdSchema),
  parts: z.array(transcriptPartSchema),
  complete: z.boolean(),
});

/** What stands in a Problem's `code`: ours, and the two outcomes that have none. */
const problemCodes = [...rejectedCodes, ...erroredCodes, 'busy', 'unsupported'] as const;
export type ProblemCode = (typeof problemCodes)[number];
export const problemCodeSchema = z.enum(problemCodes);

export const problemSchema = z.strictObject({
  type: z.templateLiteral(['urn:workport:problem:', problemCodeSchema]),
  title: z.string(),
  status: z.int(),
  code: problemCodeSchema,
  backendCode: z.exactOptional(backendCodeSchema),
  correlationId: z.exactOptional(correlationIdSchema),
  outcome: z.exactOptional(z.enum(['busy', 'rejected', 'unsupported', 'errored'])),
  operation: z.exactOptional(z.enum(operations)),
  inputId: z.exactOptional(inputIdSchema),
  executed: z.exactOptional(z.enum(['no', 'unknown'])),
  limit: z.exactOptional(z.number()),
});
export type Problem = z.output<typeof problemSchema>;

export const gapSchema = z.strictObject({ from: sequenceSchema, to: sequenceSchema });

/** The bodies of the successful answers, by what was asked. */
export const responseSchemas = {
  runtimes: z.strictObject({ runtimes: z.array(runtimeViewSchema) }),
  runtime: z.strictObject({ runtime: runtimeViewSchema }),
  profiles: z.strictObject({ profiles: z.array(profileViewSchema) }),
  workers: z.strictObject({ workers: z.array(workerViewSchema), next: z.exactOptional(workerIdSchema) }),
  worker: z.strictObject({ worker: workerViewSchema }),
  transcript: z.strictObject({
    entries: z.array(transcriptEntrySchema),
    next: z.exactOptional(sequenceSchema),
    gap: z.exactOptional(gapSchema),
  }),
  observations: z.strictObject({
    observations: z.array(observationSchema),
    next: z.exactOptional(cursorSchema),
    gap: z.exactOptional(gapSchema),
  }),
  create: z.strictObject({
    worker: workerViewSchema,
    inputId: z.exactOptional(inputIdSchema),
    cursor: z.exactOptional(cursorSchema),
  }),
  input: z.strictObject({ inputId: inputIdSchema, cursor: cursorSchema }),
  answer: z.strictObject({}),
  cancel: z.strictObject({ end: z.enum(['quiesced', 'escalated']) }),
  reconnect: z.strictObject({ worker: workerViewSchema }),
  stop: z.strictObject({ worker: workerViewSchema, end: z.enum(['stopped', 'killed']) }),
  session: z.strictObject({ token: z.string(), expiresAt: timeSchema }),
  live: z.strictObject({ live: z.literal(true) }),
  ready: z.strictObject({ ready: z.boolean() }),
} as const;

/** The data of the stream's events, by the name of the event. */
export const streamSchemas = {
  snapshot: z.strictObject({
    worker: workerViewSchema,
    transcript: z.array(transcriptEntrySchema).max(50),
    cursor: cursorSchema,
  }),
  observation: observationSchema,
  gap: gapSchema,
  end: z.strictObject({ code: z.enum(streamEndCodes) }),
} as const;
