/**
 * The WebSocket `workport.v1` (B1): messages as JSON texts. A client's first message is `authenticate`; then it subscribes
 * to as many Workers as it may, each under an id of its own choice that every message about that Worker repeats.
 */
import * as z from 'zod';

import { problemCodeSchema, streamSchemas } from './browser.js';
import { correlationIdSchema } from './fields.js';
import { observationSchema } from './observation.js';

/** The subprotocol that both sides name in the handshake. */
export const socketProtocol = 'workport.v1';
/** Longest message that a client may send, in bytes. */
export const maxSocketMessageBytes = 16_384;

/** What a request for a socket says; the subprotocol may be one of several that are offered. */
export const socketHeadersSchema = z.strictObject({
  upgrade: z.literal('websocket'),
  'sec-websocket-protocol': z.literal(socketProtocol),
});

/** The client's name for a subscription. A name is free again after `end`, `problem`, or an `unsubscribe`. */
const subscriptionIdSchema = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/);

/** What a browser may say. Unknown keys are refused. */
export const socketRequestSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('authenticate'), token: z.string().min(1).max(8192) }),
  z.strictObject({
    type: z.literal('subscribe'),
    id: subscriptionIdSchema,
    runtimeId: z.string(),
    workerId: z.string(),
    /** A cursor, or `start`. Absent: with a snapshot. */
    after: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id: subscriptionIdSchema }),
  /** For clients, which cannot see the server's own pings. Answered `pong`. */
  z.strictObject({ type: z.literal('ping') }),
]);
export type SocketRequest = z.output<typeof socketRequestSchema>;

const about = <const Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), id: subscriptionIdSchema, ...shape });

/** What a browser is told. The keys come in this order. */
export const socketMessageSchema = z.discriminatedUnion('type', [
  about('subscribed', {}),
  about('snapshot', streamSchemas.snapshot.shape),
  /** All that is ready, up to a size: the observations are the bytes of the log (O7). */
  about('events', { observations: z.array(observationSchema).min(1) }),
  about('gap', streamSchemas.gap.shape),
  /** The subscription is over. */
  about('end', streamSchemas.end.shape),
  /** With an id: there is no such subscription, or no longer. Without: a message that could not be taken; all else goes on. */
  z.strictObject({
    type: z.literal('problem'),
    id: z.exactOptional(subscriptionIdSchema),
    code: problemCodeSchema,
    correlationId: z.exactOptional(correlationIdSchema),
    outcome: z.exactOptional(z.enum(['rejected', 'errored'])),
    executed: z.exactOptional(z.enum(['no', 'unknown'])),
    limit: z.exactOptional(z.number()),
  }),
  z.strictObject({ type: z.literal('pong') }),
]);
export type SocketMessage = z.output<typeof socketMessageSchema>;

/** Why the server closes a socket. The reason beside the code is the name, never more. */
export const socketCloseCodes = {
  /** The host is shut down. */
  'server-draining': 1001,
  /** A defect: the operator log says which. */
  internal: 1011,
  /** One socket too many for this principal: come back when another is closed. */
  'quota-exceeded': 1013,
  unauthenticated: 4001,
  revoked: 4003,
  'slow-consumer': 4008,
} as const;
