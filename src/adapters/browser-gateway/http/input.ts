import type * as z from 'zod';

import type { InputId } from '../../../domain/ids.js';
import type { Part } from '../../../domain/observation/event.js';
import type { inputBodySchema } from '../../../protocol/browser-requests.js';
import { inputHeadersSchema, inputPartsSchema } from '../../../protocol/browser-requests.js';
import type { Parsed } from '../edge/parsed.js';
import { refuse } from '../edge/parsed.js';

export type InputBody = z.output<typeof inputBodySchema>;
export interface Input {
  readonly inputId?: InputId | undefined;
  readonly parts: readonly Part[];
}

/** The header `Idempotency-Key`, where there is one. */
export function keyOf<Key>(request: Request, schema: z.ZodType<Key>): Parsed<Key> {
  const key = schema.safeParse(request.headers.get('idempotency-key') ?? undefined);
  return key.success ? { value: key.data } : refuse('request-invalid');
}

export function inputOf(body: InputBody): Parsed<Input> {
  const { inputId } = body;
  if ('text' in body) return { value: { inputId, parts: [{ type: 'text', text: body.text }] } };
  const parts = inputPartsSchema.safeParse(body.parts);
  return parts.success ? { value: { inputId, parts: parts.data } } : refuse('input-invalid');
}

/** An input whose id may stand in the header `Idempotency-Key` instead of the body. */
export function keyedInputOf(request: Request, body: InputBody): Parsed<Input> {
  const input = inputOf(body);
  if ('refusal' in input) return input;
  const key = keyOf(request, inputHeadersSchema.shape['idempotency-key']);
  if ('refusal' in key) return key;
  const { inputId = key.value, parts } = input.value;
  if (key.value !== undefined && inputId !== key.value) return refuse('request-invalid');
  return { value: { inputId, parts } };
}
