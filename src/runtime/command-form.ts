import { InputId, isUuid } from '../domain/ids.js';
import type { Answer, Part } from '../domain/observation/event.js';
import type { Rejected } from '../domain/outcome.js';
import { rejected } from '../domain/outcome.js';
import type { CreateCommand } from '../ports/browser-gateway.js';
import { inputPartsSchema } from '../protocol/browser-requests.js';
import { answerSchema } from '../protocol/observation.js';
import { byteLength } from './byte-length.js';
import { maxCallerMs } from './deadlines.js';

/** What came in is of the right form, or is answered with a code: a caller in this process is bound by no schema. */
export type Formed<T> = { readonly value: T } | { readonly refusal: Rejected };

const keyPattern = /^[\x21-\x7e]{1,255}$/;
const maxDisplayNameLength = 256;

const isText = (value: unknown): value is string => typeof value === 'string';

export function hasCreateForm({ profile, displayName, idempotencyKey }: CreateCommand): boolean {
  const isNamed = displayName === undefined || (isText(displayName) && displayName.length <= maxDisplayNameLength);
  const isKeyed = idempotencyKey === undefined || (isText(idempotencyKey) && keyPattern.test(idempotencyKey));
  return isText(profile) && isNamed && isKeyed;
}

export interface InputForm {
  readonly inputId: InputId | undefined;
  readonly parts: readonly Part[];
}

/** Parts as they are kept, field by field (B1), within `limit` bytes as JSON. */
export function inputForm(
  input: { readonly inputId?: InputId | undefined; readonly parts: readonly Part[] },
  limit: number,
): Formed<InputForm> {
  const { inputId } = input;
  if (inputId !== undefined && !(isText(inputId) && isUuid(inputId))) return { refusal: rejected('request-invalid') };
  const parsed = inputPartsSchema.safeParse(input.parts);
  if (!parsed.success) return { refusal: rejected('input-invalid') };
  const parts = parsed.data;
  if (byteLength(JSON.stringify(parts)) > limit) return { refusal: { ...rejected('input-too-large'), limit } };
  return { value: { inputId: inputId === undefined ? undefined : InputId(inputId), parts } };
}

export function answerForm(answer: Answer): Formed<Answer> {
  const parsed = answerSchema.safeParse(answer);
  return parsed.success ? { value: parsed.data } : { refusal: rejected('answer-invalid') };
}

export const isCallerMs = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= maxCallerMs;
