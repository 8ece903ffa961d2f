import * as z from 'zod';

import { backendCodePattern, unconnectedReasons } from '../domain/codes.js';
import { namePattern } from '../domain/ids.js';
import { cursorPattern } from '../domain/observation/cursor.js';
import type { Cursor } from '../domain/observation/cursor.js';

import * as shapes from './event-shapes.js';
import {
  correlationIdSchema,
  generationSchema,
  inputIdSchema,
  mintedIdSchema,
  questionIdSchema,
  sequenceSchema,
  timeSchema,
} from './fields.js';

export const cursorSchema = z.string().regex(cursorPattern) as unknown as z.ZodType<Cursor>;

export const mediaTypePattern = /^image\/[A-Za-z0-9.+-]{1,64}$/;
/** One part of an input. Unknown keys are refused: it comes from our own users. */
export const partSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('blob'),
    mediaType: z.string().regex(mediaTypePattern),
    data: z.base64().min(1),
  }),
]);
export const answerSchema = z.union([
  z.strictObject({ optionId: mintedIdSchema }),
  z.strictObject({ text: z.string() }),
]);
export const backendCodeSchema = z.string().max(64).regex(backendCodePattern);
export const profileNameSchema = z.string().regex(namePattern);

/** The public form of every event that a log can hold: no other key can leave. */
export const observedEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('worker-created'),
    profile: profileNameSchema,
    displayName: z.exactOptional(z.string()),
  }),
  z.strictObject({
    type: z.literal('execution-connecting'),
    generation: generationSchema,
    cause: z.enum(['reconnect', 'recover']),
  }),
  z.strictObject({ type: z.literal('execution-connected'), generation: generationSchema }),
  z.strictObject({
    type: z.literal('execution-disconnected'),
    generation: generationSchema,
    reason: z.enum(unconnectedReasons),
    correlationId: z.exactOptional(correlationIdSchema),
  }),
  z.strictObject({ type: z.literal('input-accepted'), parts: z.array(partSchema) }),
  z.strictObject({
    type: z.literal('input-ended'),
    end: z.enum(['completed', 'cancelled', 'refused', 'failed', 'interrupted']),
    code: z.exactOptional(z.literal('backend-fault')),
    backendCode: z.exactOptional(backendCodeSchema),
    correlationId: z.exactOptional(correlationIdSchema),
  }),
  z.strictObject({
    type: z.literal('question-closed'),
    questionId: questionIdSchema,
    end: z.enum(['answered', 'withdrawn', 'expired', 'interrupted']),
    answer: z.exactOptional(answerSchema),
  }),
  z.strictObject({ type: z.literal('worker-stopping') }),
  z.strictObject({ type: z.literal('worker-stopped'), cause: z.enum(['user', 'system']) }),
  z.strictObject(shapes.textDelta),
  z.strictObject(shapes.textCompleted),
  z.strictObject(shapes.reasoningDelta),
  z.strictObject(shapes.reasoningCompleted),
  z.strictObject(shapes.output),
  z.strictObject(shapes.toolCallStarted),
  z.strictObject(shapes.toolCallUpdated),
  z.strictObject(shapes.toolCallEnded),
  z.strictObject(shapes.planUpdated),
  z.strictObject(shapes.questionAsked),
  z.strictObject(shapes.usage),
  z.strictObject(shapes.notice),
  z.strictObject(shapes.activityStarted),
  z.strictObject(shapes.activityEnded),
]);

export const observationSchema = z.strictObject({
  cursor: cursorSchema,
  sequence: sequenceSchema,
  at: timeSchema,
  inputId: z.exactOptional(inputIdSchema),
  event: observedEventSchema,
});
