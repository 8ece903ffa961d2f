import * as z from 'zod';

import type { BackendEvent } from '../domain/observation/event.js';

import * as shapes from './event-shapes.js';
import { inputIdSchema, questionIdSchema } from './fields.js';

/** What comes from a peer: unknown fields are dropped. */
const published = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({ inputId: z.exactOptional(inputIdSchema), ...shape });

/** An event as a backend publishes it, flat: `{ inputId?, type, … }`. */
export const backendEventSchema = z.discriminatedUnion('type', [
  published(shapes.textDelta),
  published(shapes.textCompleted),
  published(shapes.reasoningDelta),
  published(shapes.reasoningCompleted),
  published(shapes.output),
  published(shapes.toolCallStarted),
  published(shapes.toolCallUpdated),
  published(shapes.toolCallEnded),
  published(shapes.planUpdated),
  published(shapes.questionAsked),
  published(shapes.usage),
  published(shapes.notice),
  published(shapes.activityStarted),
  published(shapes.activityEnded),
  published({
    type: z.literal('question-withdrawn'),
    questionId: questionIdSchema,
    cause: z.enum(['withdrawn', 'expired']),
  }),
  published({
    type: z.literal('run-ended'),
    end: z.enum(['completed', 'cancelled', 'refused', 'failed']),
    code: z.exactOptional(z.string()),
  }),
]);

const compiled = z.compile(backendEventSchema);

function withoutAbsent(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = Object.entries(value);
  const present = fields.filter(([, field]) => field !== undefined);
  return present.length < fields.length ? Object.fromEntries(present) : undefined;
}

/**
 * The event in a value that a backend published, or `undefined` where it is none. Never throws. Unknown fields are
 * dropped, and so are fields that are `undefined`. Nothing of the result is shared with the value.
 */
export function parseBackendEvent(value: unknown): BackendEvent | undefined {
  try {
    const event = compiled.safeParse(value);
    if (event.success) return event.data;
    const present = withoutAbsent(value);
    return present && compiled.safeParse(present).data;
  } catch {
    return undefined;
  }
}
