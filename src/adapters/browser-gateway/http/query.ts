import type * as z from 'zod';

import type { RejectedCode } from '../../../domain/codes.js';
import type { Parsed } from '../edge/parsed.js';
import { refuse } from '../edge/parsed.js';

const codeByKey: Readonly<Record<string, RejectedCode>> = { limit: 'limit-invalid', after: 'cursor-invalid' };

/** The query of a request. A key that comes twice is refused, as one that is not known. */
export function readQuery<Schema extends z.ZodType>(
  parameters: URLSearchParams,
  schema: Schema,
): Parsed<z.output<Schema>> {
  const values: Record<string, string> = {};
  for (const [key, value] of parameters) {
    if (Object.hasOwn(values, key) || key === '__proto__') return refuse('request-invalid');
    values[key] = value;
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return { value: parsed.data };
  const codes = parsed.error.issues.map(({ path }) => codeByKey[String(path[0])]);
  return refuse((codes.includes(undefined) ? undefined : codes[0]) ?? 'request-invalid');
}
