import * as z from 'zod';

import { mintedIdSchema, questionIdSchema, timeSchema } from './fields.js';
import { jsonSchema } from './json.js';

const amount = z.number().min(0);
const message = { messageId: mintedIdSchema, text: z.string() };
const option = z.object({ optionId: mintedIdSchema, label: z.string() });

const areUnique = (options: readonly z.output<typeof option>[]): boolean =>
  new Set(options.map(({ optionId }) => optionId)).size === options.length;

export const questionOptionsSchema = z.array(option).min(1).refine(areUnique);
const diff = z.object({ file: z.string(), before: z.exactOptional(z.string()), after: z.string() });
export const diffsSchema = z.array(diff);
const planStep = z.object({
  text: z.string(),
  status: z.enum(['pending', 'in-progress', 'completed']),
  priority: z.exactOptional(z.enum(['high', 'medium', 'low'])),
});
export const planStepsSchema = z.array(planStep);

/** The fields of the events that a backend says and the log keeps as they were said. */
export const textDelta = { type: z.literal('text-delta'), ...message };
export const textCompleted = { type: z.literal('text-completed'), ...message };
export const reasoningDelta = { type: z.literal('reasoning-delta'), ...message };
export const reasoningCompleted = { type: z.literal('reasoning-completed'), ...message };
export const output = { type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), text: z.string() };
export const toolCallStarted = {
  type: z.literal('tool-call-started'),
  toolCallId: mintedIdSchema,
  name: z.string(),
  title: z.exactOptional(z.string()),
  input: z.exactOptional(jsonSchema),
};
export const toolCallUpdated = {
  type: z.literal('tool-call-updated'),
  toolCallId: mintedIdSchema,
  title: z.exactOptional(z.string()),
  input: z.exactOptional(jsonSchema),
  output: z.exactOptional(jsonSchema),
  diffs: z.exactOptional(diffsSchema),
};
export const toolCallEnded = {
  type: z.literal('tool-call-ended'),
  toolCallId: mintedIdSchema,
  isError: z.boolean(),
  output: z.exactOptional(jsonSchema),
};
export const planUpdated = { type: z.literal('plan-updated'), planId: mintedIdSchema, steps: planStepsSchema };
export const questionAsked = {
  type: z.literal('question-asked'),
  questionId: questionIdSchema,
  prompt: z.string(),
  options: z.exactOptional(questionOptionsSchema),
  expiresAt: z.exactOptional(timeSchema),
};
export const usage = {
  type: z.literal('usage'),
  inputTokens: z.exactOptional(amount),
  outputTokens: z.exactOptional(amount),
  costUsd: z.exactOptional(amount),
  contextTokens: z.exactOptional(amount),
  contextLimit: z.exactOptional(amount),
};
export const notice = {
  type: z.literal('notice'),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
};
export const activityStarted = {
  type: z.literal('activity-started'),
  activityId: mintedIdSchema,
  title: z.exactOptional(z.string()),
};
export const activityEnded = { type: z.literal('activity-ended'), activityId: mintedIdSchema };
