/** What hosts of one Runtime ask one another. Whoever asks has let its own caller in: the principal is named, not proved. */
import * as z from 'zod';

import { publicStatuses } from '../domain/observation/view.js';

import { runtimeIdSchema, workerIdSchema } from './browser.js';
import { answerBodySchema, inputPartsSchema, maxWaitMs } from './browser-requests.js';
import { compiledLate } from './compiled.js';
import { inputIdSchema, questionIdSchema } from './fields.js';

const worker = z.strictObject({ runtimeId: runtimeIdSchema, workerId: workerIdSchema });
const waitMs = z.int().min(0).max(maxWaitMs).optional();
const inputId = inputIdSchema.optional();
const parts = inputPartsSchema;

const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('create'),
    runtimeId: runtimeIdSchema,
    profile: z.string(),
    displayName: z.string().optional(),
    input: z.strictObject({ inputId, parts }).optional(),
    idempotencyKey: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('input'), worker, inputId, parts }),
  z.strictObject({ type: z.literal('answer'), worker, questionId: questionIdSchema, answer: answerBodySchema }),
  z.strictObject({ type: z.literal('cancel'), worker, inputId: inputIdSchema, deadlineMs: waitMs }),
  z.strictObject({ type: z.literal('reconnect'), worker }),
  z.strictObject({ type: z.literal('stop'), worker, graceMs: waitMs }),
  z.strictObject({ type: z.literal('delete'), worker }),
]);

const principal = z
  .strictObject({
    id: z.string(),
    scopes: z.array(z.enum(['read', 'input', 'control'])),
    profiles: z.array(z.string()).optional(),
    own: z.boolean().optional(),
  })
  .optional();

const requestSchema = z.discriminatedUnion('type', [
  /** To the owner of a Worker: do this. Of a create: it is the Worker of its key. */
  z.strictObject({
    type: z.literal('execute'),
    workerId: workerIdSchema,
    command: commandSchema,
    /** The input's id was minted for it, and nobody was asked with it before. */
    isNewInput: z.boolean(),
    principal,
  }),
  /** To each host: which Workers are yours? */
  z.strictObject({
    type: z.literal('list'),
    after: workerIdSchema.optional(),
    status: z.enum(publicStatuses).optional(),
    most: z.int().min(1).max(201),
    principal,
  }),
]);

const answerSchema = z.union([
  /** Of an `execute`. */
  z.strictObject({ outcome: z.unknown() }),
  /** The Worker is not, or not any more, at the host that was asked. */
  z.strictObject({ isElsewhere: z.literal(true) }),
  /** Of a `list`. */
  z.strictObject({ workers: z.array(z.unknown()) }),
]);

export type HostRequest = z.infer<typeof requestSchema>;
export type HostAnswer = z.infer<typeof answerSchema>;

const compiledRequest = compiledLate<typeof requestSchema>(requestSchema);
const compiledAnswer = compiledLate<typeof answerSchema>(answerSchema);

/** Throws a `ZodError` for what has another form. */
export const parseHostRequest = (value: unknown): HostRequest => compiledRequest().parse(value);
export const parseHostAnswer = (value: unknown): HostAnswer => compiledAnswer().parse(value);
