import assert from 'node:assert/strict';

import { erroredCodes, isBackendCode, rejectedCodes } from '../../domain/codes.js';
import { isUuid } from '../../domain/ids.js';
import { operations } from '../../domain/outcome.js';
import type { Command, Frame, Query } from '../../ports/browser-gateway.js';
import { responseSchemas, streamSchemas } from '../../protocol/browser.js';

type Fields = Readonly<Record<string, unknown>>;

const oneOf =
  (values: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && values.includes(value);
const isId = (value: unknown): boolean => typeof value === 'string' && isUuid(value);
const isCode = (value: unknown): boolean => typeof value === 'string' && isBackendCode(value);

/** What each refusal is made of: the fields that it has, and those that it may have. */
const refusals: Readonly<Record<string, readonly [required: Fields, optional: Fields]>> = {
  busy: [{}, { inputId: isId }],
  rejected: [
    { code: oneOf(rejectedCodes) },
    { backendCode: isCode, limit: (value: unknown) => typeof value === 'number' },
  ],
  unsupported: [{ operation: oneOf(operations) }, {}],
  errored: [
    { code: oneOf(erroredCodes), executed: oneOf(['no', 'unknown']), correlationId: isId },
    { backendCode: isCode },
  ],
};

/** As it would be written: what is `undefined` is not there. */
const asWritten = (value: unknown): Fields => JSON.parse(JSON.stringify(value)) as Fields;

function assertRefusal(value: Fields): void {
  const { outcome, ...fields } = value;
  const [required, optional] = refusals[String(outcome)] ?? [];
  assert.ok(required && optional, `${String(outcome)} is no outcome`);
  const told = JSON.stringify(value);
  for (const key of Object.keys(required)) assert.ok(key in fields, `${key} is missing in ${told}`);
  for (const [key, field] of Object.entries(fields)) {
    const fits = (required[key] ?? optional[key]) as ((value: unknown) => boolean) | undefined;
    assert.ok(fits?.(field), `${key} is of no public shape in ${told}`);
  }
}

interface Schema {
  safeParse(value: unknown): { readonly success: boolean; readonly error?: { readonly message: string } | undefined };
}

function assertFits(schema: Schema, value: unknown): void {
  const { success, error } = schema.safeParse(value);
  assert.ok(success, `${JSON.stringify(value)} is of no public shape: ${error?.message ?? ''}`);
}

/** That an outcome is one of the closed algebra, with its fields and no others. */
export function assertOutcome(type: Command['type'], answered: unknown): void {
  const value = asWritten(answered);
  const { outcome, ...rest } = value;
  if (outcome !== 'accepted') return assertRefusal(value);
  if (type === 'delete') return assert.deepEqual(rest, {});
  if (type !== 'create') return assertFits(responseSchemas[type], rest);
  const { created, ...fields } = rest;
  assert.equal(typeof created, 'boolean', 'a create says whether it created');
  assertFits(responseSchemas.create, fields);
}

/** That an answer is what its query asks for, with its fields and no others, or a refusal of a read. */
export function assertAnswer(type: Query['type'], answered: unknown): void {
  const value = asWritten(answered);
  const { outcome, ...rest } = value;
  if (outcome === 'answered') return assertFits(responseSchemas[type], rest);
  assert.ok(outcome === 'rejected' || outcome === 'errored', `${String(outcome)} is no answer`);
  assertRefusal(value);
}

/** That a frame is one of the public ones, with its fields and no others. */
export function assertFrame(frame: Frame): void {
  const { type, ...rest } = asWritten(frame);
  if (type === 'events') {
    const { observations, ...others } = rest;
    assert.deepEqual(others, {});
    for (const observation of observations as readonly unknown[]) assertFits(streamSchemas.observation, observation);
    return;
  }
  if (type === 'problem') return assertRefusal(rest['problem'] as Fields);
  assert.ok(type === 'snapshot' || type === 'gap' || type === 'end', `${String(type)} is no frame`);
  assertFits(streamSchemas[type], rest);
}
