/**
 * What hosts of one Runtime ask one another. Whoever asks has let its own caller in: the principal is named, not proved.
 * What a command asks for is judged where it is done, as what is asked there is; here it is unknown. A host of another
 * version that says more than this one knows is refused: it may say whom something is not for.
 */
import * as z from 'zod';

import { publicStatuses } from '../domain/observation/view.js';

import { runtimeIdSchema, workerIdSchema } from './browser.js';
import { compiledLate } from './compiled.js';
import { fit } from './fit.js';
import type { Fit } from './fit.js';

const worker = z.strictObject({ runtimeId: runtimeIdSchema, workerId: workerIdSchema });
const asked = z.unknown();

const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('create'),
    runtimeId: runtimeIdSchema,
    profile: asked,
    displayName: asked.optional(),
    input: z.strictObject({ inputId: asked.optional(), parts: asked }).optional(),
    idempotencyKey: asked.optional(),
  }),
  z.strictObject({ type: z.literal('input'), worker, inputId: asked.optional(), parts: asked.optional() }),
  z.strictObject({ type: z.literal('answer'), worker, questionId: asked, answer: asked.optional() }),
  z.strictObject({ type: z.literal('cancel'), worker, inputId: asked, deadlineMs: asked.optional() }),
  z.strictObject({ type: z.literal('reconnect'), worker }),
  z.strictObject({ type: z.literal('stop'), worker, graceMs: asked.optional() }),
  z.strictObject({ type: z.literal('delete'), worker }),
]);

const principal = z
  .strictObject({
    id: z.string(),
    scopes: z.array(z.enum(['read', 'input', 'control'])).readonly(),
    profiles: z.array(z.string()).readonly().optional(),
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
  /** What was asked has a form that this host does not know. It was not done. */
  z.strictObject({ isUnfit: z.literal(true) }),
  /** Of a `list`. */
  z.strictObject({ workers: z.array(z.unknown()).readonly() }),
]);

export type HostRequest = z.infer<typeof requestSchema>;
export type ListRequest = Omit<Extract<HostRequest, { type: 'list' }>, 'type'>;
export type HostAnswer = z.infer<typeof answerSchema>;

const compiledRequest = compiledLate<typeof requestSchema>(requestSchema);
const compiledAnswer = compiledLate<typeof answerSchema>(answerSchema);

export const fitHostRequest = (value: unknown): Fit<HostRequest> => fit(compiledRequest, value);
export const fitHostAnswer = (value: unknown): Fit<HostAnswer> => fit(compiledAnswer, value);
