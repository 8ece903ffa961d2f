import assert from 'node:assert/strict';

import { isBackendCode } from '../../domain/codes.js';
import type { InputId } from '../../domain/ids.js';
import type { StagedExecution } from './stage.js';

/** What every answer has. */
export interface Answered {
  readonly outcome: string;
  readonly code?: string | undefined;
}

/** It was taken: what was asked for holds now. */
export const isTaken = ({ outcome }: Answered): boolean => ['connected', 'adopted', 'accepted'].includes(outcome);

const refusals: readonly string[] = ['rejected', 'errored', 'unsupported'];

/** The outcomes that each method may answer with (the closed algebra). */
export const outcomes = {
  spawn: ['connected', 'busy', ...refusals],
  recover: ['adopted', 'lost', ...refusals],
  dispatch: ['accepted', 'busy', 'unknown', ...refusals],
  answer: ['accepted', ...refusals],
  cancel: ['accepted', ...refusals],
  stop: ['accepted', ...refusals],
} as const;
export type Method = keyof typeof outcomes;

/** Whether an answer has the shape that its method promises. */
export function assertClosed(method: Method, answer: Answered): void {
  assert.equal(typeof answer, 'object', `${method} answers an object`);
  const known: readonly string[] = outcomes[method];
  assert.ok(known.includes(answer.outcome), `${method} answers one of its outcomes, not ${String(answer.outcome)}`);
  assert.ok(answer.code === undefined || typeof answer.code === 'string', `a code of ${method} is a string`);
}

export function assertRejected(answer: Answered, codes: readonly string[], what: string): void {
  assert.equal(answer.outcome, 'rejected', what);
  assert.ok(codes.includes(String(answer.code)), `${what}, with ${codes.join(' or ')}, not ${String(answer.code)}`);
}

export function assertStale(answer: Answered, what: string): void {
  assert.deepEqual([answer.outcome, answer.code], ['errored', 'stale-generation'], `${what} answers stale-generation`);
}

/** Its code, where it has one, is of the form of codes. */
export function assertCode(method: Method, { code }: Answered): void {
  const isPlain = code === undefined || isBackendCode(code);
  assert.ok(isPlain, `a code of ${method} is kebab-case, at most 64 characters`);
}

/** Of inputs that came at once those that were accepted ran, each once and none while another did; then one more ran. */
export function assertInTurn(
  execution: StagedExecution,
  inputIds: readonly InputId[],
  accepted: readonly InputId[],
): void {
  const said = execution.publisher.events.map(({ inputId }) => inputId).filter((inputId) => inputId !== undefined);
  const runs = said.filter((inputId, index) => inputId !== said[index - 1]);
  assert.equal(runs.length, accepted.length + 1, 'one run after the other');
  const ran = inputIds.filter((inputId) => execution.eventsOf(inputId).length > 0);
  assert.deepEqual([ran, ran.map((inputId) => execution.endsOf(inputId).length)], [accepted, accepted.map(() => 1)]);
}

/** It was refused, with a reason or without. */
export function assertRefused(answer: Answered, what: string): void {
  assert.ok(refusals.includes(answer.outcome), `${what}, not ${answer.outcome}`);
}
