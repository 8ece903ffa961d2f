import type * as z from 'zod';

import { InputId, isUuid } from '../../../domain/ids.js';
import type { Part } from '../../../domain/observation/event.js';
import type { inputBodySchema } from '../../../protocol/browser-requests.js';
import { inputPartsSchema } from '../../../protocol/browser-requests.js';

import type { Parsed } from './parsed.js';
import { refuse } from './parsed.js';

export type InputBody = z.output<typeof inputBodySchema>;
export interface Input {
  readonly inputId?: InputId | undefined;
  readonly parts: readonly Part[];
}

const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** The header `Idempotency-Key`, where there is one. */
export function idempotencyKeyOf(request: Request): Parsed<string | undefined> {
  const key = request.headers.get('idempotency-key');
  if (key === null) return { value: undefined };
  return keyPattern.test(key) ? { value: key } : refuse('request-invalid');
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
  const key = idempotencyKeyOf(request);
  if ('refusal' in key) return key;
  if (key.value === undefined) return input;
  if (!isUuid(key.value)) return refuse('request-invalid');
  const inputId = InputId(key.value);
  const named = input.value.inputId;
  if (named !== undefined && named !== inputId) return refuse('request-invalid');
  return { value: { inputId, parts: input.value.parts } };
}
