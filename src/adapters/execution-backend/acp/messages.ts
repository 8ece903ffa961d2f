import { createHash } from 'node:crypto';

import * as z from 'zod';

import { jsonSchema } from '../../../protocol/json.js';

/** What of an agent's messages is read: the rest is ignored. `null` is as absent. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value): z.output<Schema> | undefined => value ?? undefined);
/** Of a field that does nothing but tell more, what is of the wrong form counts as absent. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => optional(schema).catch(undefined);

export const contentBlock = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mimeType: z.string() }),
  z.object({ type: z.literal('audio'), mimeType: z.string() }),
  z.object({ type: z.literal('resource_link'), name: z.string(), uri: z.string() }),
  z.object({ type: z.literal('resource'), resource: z.object({ uri: z.string(), text: lenient(z.string()) }) }),
]);
export type ContentBlock = z.output<typeof contentBlock>;

const toolContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('content'), content: contentBlock }),
  z.object({ type: z.literal('diff'), path: z.string(), oldText: optional(z.string()), newText: z.string() }),
  z.object({ type: z.literal('terminal'), terminalId: z.string() }),
]);
export type ToolContent = z.output<typeof toolContent>;

/** What of a list is of the form; the rest is left out. */
const listOf = <Schema extends z.ZodType>(schema: Schema) =>
  z.array(z.unknown()).transform((items): z.output<Schema>[] =>
    items.flatMap((item) => {
      const read = schema.safeParse(item);
      return read.success ? [read.data] : [];
    }),
  );

/** Ids are remembered: one that is longer than any needs to be counts by its digest. */
const short = (id: string): string => (id.length <= 1_024 ? id : createHash('sha256').update(id).digest('hex'));

const toolFields = {
  toolCallId: z.string().transform(short),
  title: lenient(z.string()),
  name: lenient(z.string()),
  kind: lenient(z.string()),
  status: lenient(z.string()),
  content: lenient(listOf(toolContent)),
  rawInput: lenient(jsonSchema),
  rawOutput: lenient(jsonSchema),
};
export const toolCall = z.object(toolFields);
export type ToolCall = z.output<typeof toolCall>;

const chunk = { content: contentBlock, messageId: lenient(z.string()) };
const planEntry = z.object({
  content: z.string(),
  status: z.enum(['pending', 'in_progress', 'completed']).catch('pending'),
  priority: lenient(z.enum(['high', 'medium', 'low'])),
});

export const sessionUpdate = z.discriminatedUnion('sessionUpdate', [
  z.object({ sessionUpdate: z.literal('agent_message_chunk'), ...chunk }),
  z.object({ sessionUpdate: z.literal('agent_thought_chunk'), ...chunk }),
  z.object({ sessionUpdate: z.literal('tool_call'), ...toolFields }),
  z.object({ sessionUpdate: z.literal('tool_call_update'), ...toolFields }),
  z.object({ sessionUpdate: z.literal('plan'), entries: z.array(planEntry) }),
  z.object({
    sessionUpdate: z.literal('usage_update'),
    used: z.number().min(0),
    size: z.number().min(0),
    cost: lenient(z.object({ amount: z.number().min(0), currency: z.string() })),
  }),
  z.object({ sessionUpdate: z.literal('current_mode_update'), currentModeId: z.string() }),
  z.object({
    sessionUpdate: z.literal('notice'),
    severity: z.string(),
    title: z.string(),
    description: lenient(z.string()),
  }),
  z.object({ sessionUpdate: z.literal('compaction_update'), status: z.string() }),
]);
export type SessionUpdate = z.output<typeof sessionUpdate>;

export const sessionNotification = z.object({ sessionId: z.string(), update: z.unknown() });

const present = z.unknown().transform((value) => value !== undefined && value !== null && value !== false);

export const initializeAnswer = z.object({
  protocolVersion: z.number(),
  agentCapabilities: lenient(
    z.object({
      loadSession: lenient(z.boolean()),
      promptCapabilities: lenient(z.object({ image: lenient(z.boolean()) })),
      sessionCapabilities: lenient(z.object({ resume: present })),
    }),
  ),
  authMethods: lenient(listOf(z.object({ id: z.string(), name: z.string() }))),
});
export type InitializeAnswer = z.output<typeof initializeAnswer>;

const modes = lenient(z.object({ availableModes: listOf(z.object({ id: z.string(), name: z.string() })) }));
export const sessionAnswer = z.object({ modes });
export const newSessionAnswer = z.object({ sessionId: z.string().min(1).max(1024), modes });
export type SessionModes = z.output<typeof modes>;

export const promptAnswer = z.object({
  stopReason: z.string(),
  usage: lenient(z.object({ inputTokens: lenient(z.number().min(0)), outputTokens: lenient(z.number().min(0)) })),
});

/** Ours: which session, and whose it is. */
export const recoverState = z.object({ workerId: z.string(), sessionId: z.string().min(1) });
