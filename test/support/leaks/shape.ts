import { isDeepStrictEqual } from 'node:util';

import type * as z from 'zod';

import { problemSchema, responseSchemas, streamSchemas } from '../../../src/protocol/browser.js';
import type { Reply } from './recorder.js';

type Schemas = Readonly<Record<string, z.ZodType>>;

/** The JSON values that an answer brought, each with the schema that it has to keep. */
function valuesOf({
  status,
  kind,
  body,
}: Reply): readonly (readonly [schema: z.ZodType | undefined, value: unknown])[] {
  if (body === '') return [];
  if (status >= 400) return [[problemSchema, JSON.parse(body)]];
  if (kind !== 'stream') return [[(responseSchemas as Schemas)[kind], JSON.parse(body)]];
  return body.split('\n\n').flatMap((block): [z.ZodType | undefined, unknown][] => {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    return event === undefined || data === undefined ? [] : [[(streamSchemas as Schemas)[event], JSON.parse(data)]];
  });
}

/** What of an answer is not in the schema of the browser API: a key too many, a value of another form. */
export function outsideOfSchema(reply: Reply): readonly string[] {
  return valuesOf(reply).flatMap(([schema, value]) => {
    const parsed = schema?.safeParse(value);
    if (parsed?.success && isDeepStrictEqual(parsed.data, value)) return [];
    const why = parsed?.success === false ? parsed.error.message : 'not in the schema';
    return [`${reply.asked}: ${why}: ${JSON.stringify(value).slice(0, 500)}`];
  });
}

function keysIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...keysIn(member)]);
}

/** Every key that an answer brought. */
export const keysOf = (reply: Reply): readonly string[] => valuesOf(reply).flatMap(([, value]) => keysIn(value));
