/** What a browser may ask (B1): every key that is not named here is refused. Query values are texts, as they come in. */
import * as z from 'zod';

import { Sequence } from '../domain/ids.js';
import { cursorPattern } from '../domain/observation/cursor.js';
import { publicStatuses } from '../domain/observation/view.js';

import { runtimeIdSchema, workerIdSchema } from './browser.js';
import { inputIdSchema, questionIdSchema } from './fields.js';
import { mediaTypePattern, partSchema } from './observation.js';

/** Longest deadline or grace that a caller may ask for, in milliseconds (W18). */
export const maxWaitMs = 60_000;

/** Its shape alone; whether it holds what a part may hold says `inputPartsSchema`, and the document. */
const partShape = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('blob'),
    mediaType: z.string().meta({ pattern: mediaTypePattern.source }),
    data: z.string().meta({ contentEncoding: 'base64', minLength: 1, pattern: z.regexes.base64.source }),
  }),
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

const isCount = (text: string): boolean => /^(0|[1-9][0-9]{0,14})$/.test(text);
/** A number in decimal digits, as it stands in a query. */
const countFrom = (minimum: number, maximum: number) =>
  z.string().refine((text) => isCount(text) && Number(text) >= minimum && Number(text) <= maximum);

const limitUpTo = (maximum: number, otherwise: number) =>
  countFrom(1, maximum)
    .transform(Number)
    .optional()
    .meta({ type: 'integer', minimum: 1, maximum, description: `How many at most; ${otherwise} where absent` });

/** It is looked at where it is used: a cursor that is none is refused after a Worker that is none. */
const startOrCursor = (description: string) =>
  z
    .string()
    .optional()
    .meta({ pattern: `^start$|${cursorPattern.source}`, description });

const maxSequence = 999_999_999_999_999;

/** What a path names. An id of another form names nothing. */
export const pathSchema = z.strictObject({
  runtimeId: runtimeIdSchema,
  workerId: workerIdSchema,
  inputId: inputIdSchema,
  questionId: questionIdSchema,
});

export const emptyQuerySchema = z.strictObject({});
export const workersQuerySchema = z.strictObject({
  status: z.enum(publicStatuses).optional(),
  after: workerIdSchema.optional().meta({ description: 'The `next` of the page before' }),
  limit: limitUpTo(200, 50),
});
export const transcriptQuerySchema = z.strictObject({
  after: countFrom(0, maxSequence)
    .transform((text) => Sequence(Number(text)))
    .optional()
    .meta({ type: 'integer', minimum: 0, maximum: maxSequence, description: 'A sequence: only what begins after it' }),
  limit: limitUpTo(500, 100),
});
export const observationsQuerySchema = z.strictObject({
  after: startOrCursor('A cursor: only what comes after it. `start` is where it is absent'),
  limit: limitUpTo(500, 100),
});
export const streamQuerySchema = z.strictObject({ after: startOrCursor('A cursor, or `start`: no snapshot') });

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
export const streamHeadersSchema = z.strictObject({
  'last-event-id': z
    .string()
    .optional()
    .meta({ pattern: `^(start)?$|${cursorPattern.source}`, description: 'The last id: wins over `after`' }),
});
export const documentHeadersSchema = z.strictObject({ 'if-none-match': z.string().optional() });
