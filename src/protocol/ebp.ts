/**
 * The messages of EBP/1, as they are read. Peers are read loosely: unknown fields are dropped, private enum values
 * (`_…`) are ignored, any other unknown value makes the message wrong. Bodies of events are not looked into here:
 * they are checked once, where they enter the Runtime.
 */
import * as z from 'zod';

import { publishRefusalCodes } from '../domain/codes.js';
import type { Generation, InputId, Json, QuestionId, WorkerId } from '../domain/ids.js';
import { isMintedId, isUuid } from '../domain/ids.js';
import type { Part } from '../domain/observation/event.js';

export const protocolVersion = 1;
/** The form of the private values of an enum, which a reader ignores (E3). */
export const isPrivateValue = (value: unknown): boolean => typeof value === 'string' && value.startsWith('_');

/** An integer from 1. */
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
const workerId = z.custom<WorkerId>((value) => typeof value === 'string' && isUuid(value));
const inputId = z.custom<InputId>((value) => typeof value === 'string' && isUuid(value));
const questionId = z.custom<QuestionId>((value) => typeof value === 'string' && isMintedId(value));
const generation = z.custom<Generation>(isCount);
const sequence = z.custom<number>(isCount);
const durationMs = z.number().min(0);
const json = z.custom<Json>((value) => value !== undefined);
const code = z.string().max(128);
const present = z.looseObject({});

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An event as it is on the wire: its run stands beside it, never inside. */
export interface WireEvent {
  readonly type: string;
}
const eventBody = z.custom<WireEvent>((value) => isObject(value) && typeof value['type'] === 'string');

const limits = z.object({
  maxLineBytes: sequence.optional(),
  windowEvents: sequence.optional(),
  windowBytes: sequence.optional(),
  maxWorkers: sequence.optional(),
});
const peerName = z.object({ name: z.string().max(256), version: z.string().max(256) });

/** 32 random bytes, and a SHA-256, in base64url. */
const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const keyIdPattern = /^[A-Za-z0-9._-]{1,64}$/;
export const helloParams = z.compile(z.object({ keyId: z.string().regex(keyIdPattern), clientNonce: bytes32 }));
export const helloResult = z.compile(z.object({ serverNonce: bytes32, proof: bytes32 }));
export const proveParams = z.compile(z.object({ proof: bytes32 }));

export const initializeParams = z.compile(
  z.object({
    protocolVersions: z.array(z.number()).max(64),
    host: peerName.optional(),
    limits: limits.optional(),
    graceMs: durationMs.optional(),
  }),
);
export const initializeResult = z.compile(
  z.object({ protocolVersion: z.number(), backend: peerName.optional(), limits: limits.optional() }),
);

const named = { workerId, generation };
const position = z.object({ generation, sequence: z.number().int().min(0) });
const part = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('blob'), mediaType: z.string(), data: z.string() }),
  z.custom<{ readonly type: '_' }>((value) => isObject(value) && isPrivateValue(value['type'])),
]);
const parts = z.array(part).transform((all): Part[] => all.filter((one): one is Part => !isPrivateValue(one.type)));
const answer = z.union([z.object({ optionId: z.string() }), z.object({ text: z.string() })]);

export const spawnParams = z.compile(
  z.object({ ...named, profile: z.object({ name: z.string(), options: json }), displayName: z.string().optional() }),
);
export const recoverParams = z.compile(
  z.object({
    ...named,
    recoverState: json.optional(),
    position,
    inputId: inputId.optional(),
    deadlineMs: durationMs,
  }),
);
export const inputParams = z.compile(z.object({ ...named, inputId, parts }));
export const answerParams = z.compile(z.object({ ...named, questionId, answer }));
export const cancelParams = z.compile(z.object({ ...named, inputId, deadlineMs: durationMs }));
export const stopParams = z.compile(z.object({ ...named, graceMs: durationMs }));
export type SpawnParams = z.infer<typeof spawnParams>;
export type RecoverParams = z.infer<typeof recoverParams>;
export type InputParams = z.infer<typeof inputParams>;
export type AnswerParams = z.infer<typeof answerParams>;
export type CancelParams = z.infer<typeof cancelParams>;
export type StopParams = z.infer<typeof stopParams>;
export const shutdownParams = z.compile(z.object({ graceMs: durationMs.optional() }));

const capabilities = z.object({
  cancel: present.optional(),
  stop: present.optional(),
  recover: present.optional(),
  questions: present.optional(),
});
const facts = { capabilities, codes: z.array(z.string()).optional(), recoverState: json.optional() };
const refused = [
  z.object({ outcome: z.literal('rejected'), code: code.optional() }),
  z.object({ outcome: z.literal('errored'), code: code.optional() }),
  z.object({ outcome: z.literal('unsupported') }),
] as const;
const accepted = z.object({ outcome: z.literal('accepted') });
const busy = z.object({ outcome: z.literal('busy') });

export const spawnResult = z.compile(
  z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('connected'), ...facts }), busy, ...refused]),
);
export const recoverResult = z.compile(
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('adopted'), ...facts, taken: z.boolean().optional() }),
    z.object({ outcome: z.literal('lost') }),
    ...refused,
  ]),
);
export const inputResult = z.compile(z.discriminatedUnion('outcome', [accepted, busy, ...refused]));
export const controlResult = z.compile(z.discriminatedUnion('outcome', [accepted, ...refused]));
export const stopResult = z.compile(
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('accepted'), end: z.enum(['stopped', 'killed']) }),
    ...refused,
  ]),
);
export type SpawnResult = z.infer<typeof spawnResult>;
export type RecoverResult = z.infer<typeof recoverResult>;
export type InputResult = z.infer<typeof inputResult>;
export type ControlResult = z.infer<typeof controlResult>;
export type StopResult = z.infer<typeof stopResult>;
export type WireCapabilities = z.infer<typeof capabilities>;

/** How many events one line carries at most. */
export const maxEventsPerLine = 256;

export const eventsParams = z.compile(
  z.object({
    ...named,
    sequence,
    events: z
      .array(z.object({ inputId: inputId.optional(), event: eventBody }))
      .min(1)
      .max(maxEventsPerLine),
  }),
);
export type EventsParams = z.infer<typeof eventsParams>;

const exit = z.union([
  z.object({ kind: z.literal('code'), value: z.number().optional() }),
  z.object({ kind: z.literal('signal'), value: z.string().optional() }),
  z.object({ kind: z.literal('unknown') }),
  z.custom<{ readonly kind: '_' }>((value) => isObject(value) && isPrivateValue(value['kind'])),
]);
export const exitedParams = z.compile(z.object({ ...named, sequence, exit }));

const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export const logParams = z.compile(
  z.object({ level: z.union([z.enum(logLevels), z.custom<'_'>(isPrivateValue)]), text: z.string() }),
);

const refusedEvent = z.object({
  sequence,
  code: z.union([z.enum(publishRefusalCodes), z.custom<'_'>(isPrivateValue)]),
});
export const ackParams = z.compile(z.object({ ...named, sequence, refused: z.array(refusedEvent).optional() }));
export type AckParams = z.infer<typeof ackParams>;
