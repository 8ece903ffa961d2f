/** What a browser may ask (B1): every key that is not named here is refused. Query values are texts, as they come in. */
import * as z from 'zod';

import { Sequence, WorkerId, isUuid } from '../domain/ids.js';
import { publicStatuses } from '../domain/observation/view.js';

import { inputIdSchema } from './fields.js';
import { partSchema } from './observation.js';

/** Longest deadline or grace that a caller may ask for, in milliseconds (W18). */
export const maxWaitMs = 60_000;

/** Its shape alone; whether it holds what a part may hold says `inputPartsSchema`. */
const partShape = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('blob'), mediaType: z.string(), data: z.string() }),
]);
export const inputPartsSchema = z.array(partSchema);

const inputId = inputIdSchema.optional();
/** `text` is short for one text part. */
export const inputBodySchema = z.union([
  z.strictObject({ inputId, text: z.string() }),
  z.strictObject({ inputId, parts: z.array(partShape) }),
]);
export const createBodySchema = z.strictObject({
  profile: z.string(),
  displayName: z.string().max(256).optional(),
  input: inputBodySchema.optional(),
});
export const answerBodySchema = z.union([
  z.strictObject({ optionId: z.string() }),
  z.strictObject({ text: z.string() }),
]);
const waitMs = z.int().min(0).max(maxWaitMs).optional();
export const cancelBodySchema = z.strictObject({ deadlineMs: waitMs });
export const stopBodySchema = z.strictObject({ graceMs: waitMs });
export const emptyBodySchema = z.strictObject({});

export const sessionBodySchema = z.strictObject({ code: z.string().min(1).max(256) });

const limitUpTo = (max: number) =>
  z
    .string()
    .regex(/^[1-9][0-9]{0,3}$/)
    .transform(Number)
    .refine((limit) => limit <= max)
    .optional();

export const emptyQuerySchema = z.strictObject({});
export const workersQuerySchema = z.strictObject({
  status: z.enum(publicStatuses).optional(),
  after: z.string().refine(isUuid).transform(WorkerId).optional(),
  limit: limitUpTo(200),
});
export const transcriptQuerySchema = z.strictObject({
  after: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/)
    .transform((text) => Sequence(Number(text)))
    .optional(),
  limit: limitUpTo(500),
});
export const observationsQuerySchema = z.strictObject({ after: z.string().optional(), limit: limitUpTo(500) });
/** `after`: a cursor, or `start`. */
export const streamQuerySchema = z.strictObject({ after: z.string().optional() });

/** What of a request's headers is read. */
export const createHeadersSchema = z.strictObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional(),
});
/** The key may stand for `inputId`. */
export const inputHeadersSchema = z.strictObject({ 'idempotency-key': inputId });
/** Where a reader that comes back has really been: wins over `after`. */
export const streamHeadersSchema = z.strictObject({ 'last-event-id': z.string().optional() });
