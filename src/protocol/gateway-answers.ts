/**
 * What another host's gateway may answer: the public shapes and nothing else (B1). What does not fit is not shown, for
 * nobody knows what is in it.
 */
import * as z from 'zod';

import { erroredCodes, rejectedCodes } from '../domain/codes.js';
import type { Operation } from '../domain/outcome.js';
import { operations } from '../domain/outcome.js';

import { responseSchemas, streamSchemas } from './browser.js';
import { compiledLate } from './compiled.js';
import { fit } from './fit.js';
import type { Fit } from './fit.js';
import { correlationIdSchema, inputIdSchema } from './fields.js';
import { backendCodeSchema, observationSchema } from './observation.js';

const backendCode = z.exactOptional(backendCodeSchema);
const rejectedSchema = z.strictObject({
  outcome: z.literal('rejected'),
  code: z.enum(rejectedCodes),
  backendCode,
  limit: z.exactOptional(z.number()),
});
const erroredSchema = z.strictObject({
  outcome: z.literal('errored'),
  code: z.enum(erroredCodes),
  executed: z.enum(['no', 'unknown']),
  correlationId: correlationIdSchema,
  backendCode,
});
const refusals = [
  z.strictObject({ outcome: z.literal('busy'), inputId: z.exactOptional(inputIdSchema) }),
  rejectedSchema,
  z.strictObject({ outcome: z.literal('unsupported'), operation: z.enum(operations) }),
  erroredSchema,
] as const;

const outcomeOf = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.discriminatedUnion('outcome', [z.strictObject({ outcome: z.literal('accepted'), ...shape }), ...refusals]);
const answerOf = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('answered'), ...shape }),
    rejectedSchema,
    erroredSchema,
  ]);

const outcomeSchemas: Readonly<Record<Operation, z.ZodType>> = {
  create: outcomeOf({ created: z.boolean(), ...responseSchemas.create.shape }),
  input: outcomeOf(responseSchemas.input.shape),
  answer: outcomeOf({}),
  cancel: outcomeOf(responseSchemas.cancel.shape),
  reconnect: outcomeOf(responseSchemas.reconnect.shape),
  stop: outcomeOf(responseSchemas.stop.shape),
  delete: outcomeOf({}),
};
const answerSchemas = {
  runtimes: answerOf(responseSchemas.runtimes.shape),
  profiles: answerOf(responseSchemas.profiles.shape),
  workers: answerOf(responseSchemas.workers.shape),
  worker: answerOf(responseSchemas.worker.shape),
  transcript: answerOf(responseSchemas.transcript.shape),
  observations: answerOf(responseSchemas.observations.shape),
};
const frameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('snapshot'), ...streamSchemas.snapshot.shape }),
  z.strictObject({ type: z.literal('events'), observations: z.array(observationSchema).min(1) }),
  z.strictObject({ type: z.literal('gap'), ...streamSchemas.gap.shape }),
  z.strictObject({ type: z.literal('end'), ...streamSchemas.end.shape }),
  z.strictObject({
    type: z.literal('problem'),
    problem: z.discriminatedUnion('outcome', [rejectedSchema, erroredSchema]),
  }),
]);

type Compiled = () => z.ZodType;

const compiledEach = <Type extends string>(schemas: Readonly<Record<Type, z.ZodType>>) =>
  Object.fromEntries(
    Object.entries<z.ZodType>(schemas).map(([type, schema]) => [type, compiledLate<z.ZodType>(schema)]),
  ) as Readonly<Record<Type, Compiled>>;

const outcomes = compiledEach(outcomeSchemas);
const answers = compiledEach(answerSchemas);
const frames = compiledLate<z.ZodType>(frameSchema);

export const fitOutcome = (operation: Operation, outcome: unknown): Fit => fit(outcomes[operation], outcome);
export const fitAnswer = (query: keyof typeof answerSchemas, answer: unknown): Fit => fit(answers[query], answer);
export const fitFrame = (frame: unknown): Fit => fit(frames, frame);
