/** What a backend may answer through its port. The guard parses every answer with these, once (W16). */
import * as z from 'zod';

import { isBackendCode, maxBackendCodes } from '../domain/codes.js';
import { compiledLate } from './compiled.js';
import { jsonSchema } from './json.js';

/** A backend's own state may be this long, as JSON. */
const maxRecoverStateLength = 64 * 1024;

const optional = <T extends z.ZodType>(schema: T) => schema.optional();
const refused = [
  z.object({ outcome: z.literal('rejected'), code: optional(z.string()), detail: optional(z.unknown()) }),
  z.object({ outcome: z.literal('errored'), code: optional(z.string()), detail: optional(z.unknown()) }),
  z.object({ outcome: z.literal('unsupported') }),
] as const;

const execution = {
  capabilities: z.object({ cancel: z.boolean(), stop: z.boolean(), recover: z.boolean(), questions: z.boolean() }),
  codes: optional(z.array(z.string().refine(isBackendCode)).max(maxBackendCodes)),
  recoverState: optional(jsonSchema.refine((state) => JSON.stringify(state).length <= maxRecoverStateLength)),
};

const busy = z.object({ outcome: z.literal('busy') });
const accepted = z.object({ outcome: z.literal('accepted') });

const outcome = <T extends z.ZodType>(schema: T) => {
  const compiled = compiledLate(schema);
  return (value: unknown): z.output<T> | undefined => {
    const result = compiled().safeParse(value);
    return result.success ? result.data : undefined;
  };
};

export const parseSpawnOutcome = outcome(
  z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('connected'), ...execution }), busy, ...refused]),
);
export const parseRecoverOutcome = outcome(
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('adopted'), taken: optional(z.boolean()), ...execution }),
    z.object({ outcome: z.literal('lost') }),
    ...refused,
  ]),
);
export const parseDispatchOutcome = outcome(
  z.discriminatedUnion('outcome', [accepted, busy, z.object({ outcome: z.literal('unknown') }), ...refused]),
);
export const parseControlOutcome = outcome(z.discriminatedUnion('outcome', [accepted, ...refused]));
export const parseStopOutcome = outcome(
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('accepted'), end: z.enum(['stopped', 'killed']) }),
    ...refused,
  ]),
);
