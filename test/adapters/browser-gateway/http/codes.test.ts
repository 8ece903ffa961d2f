import { describe, expect, it } from 'vitest';

import { problemReply } from '../../../../src/adapters/browser-gateway/edge/problem.js';
import { responseOf } from '../../../../src/adapters/browser-gateway/edge/reply.js';
import { erroredCodes, rejectedCodes } from '../../../../src/domain/codes.js';
import type { Refusal } from '../../../../src/domain/outcome.js';
import { problemSchema } from '../../../../src/protocol/browser.js';
import { correlationId, inputId } from '../../../support/scripted-gateway.js';

const frozen: Record<string, readonly [number, string]> = {
  busy: [409, 'The Worker has an open input'],
  'worker-unconnected': [503, 'The Worker is not connected to a backend'],
  'worker-connecting': [503, 'The Worker is connecting'],
  'backend-unavailable': [503, 'The backend is not available'],
  'backend-unauthenticated': [503, 'The backend wants its operator to sign in first'],
  'runtime-draining': [503, 'The Runtime is shutting down'],
  'worker-stopped': [409, 'The Worker is stopped'],
  'worker-stopping': [409, 'The Worker is stopping'],
  'worker-not-stopped': [409, 'The Worker is not stopped'],
  'worker-conflict': [409, 'This idempotency key was used with another request'],
  'input-conflict': [409, 'This input id was used with other content'],
  'input-not-open': [409, 'This input is not open'],
  'question-closed': [409, 'The question is closed'],
  'input-invalid': [422, 'The input holds nothing that can be sent'],
  'answer-invalid': [422, 'The answer does not fit the question'],
  'profile-unknown': [422, 'There is no such profile'],
  'backend-rejected': [422, 'The backend refused'],
  'request-invalid': [400, 'The request is not well formed'],
  'cursor-invalid': [400, 'The cursor is not well formed'],
  'limit-invalid': [400, 'The limit is out of range'],
  'cursor-unknown': [404, 'The cursor is not known'],
  'runtime-unknown': [404, 'There is no such Runtime'],
  'worker-unknown': [404, 'There is no such Worker'],
  'question-unknown': [404, 'There is no such question'],
  'route-unknown': [404, 'There is no such route'],
  'method-not-allowed': [405, 'The route does not take this method'],
  'request-timeout': [408, 'The request took too long to arrive'],
  'input-too-large': [413, 'The request is too large'],
  'media-type-unsupported': [415, 'The body has to be application/json'],
  'quota-exceeded': [429, 'A quota is used up'],
  unsupported: [501, 'The operation is not supported'],
  'backend-fault': [502, 'The backend failed'],
  'backend-disconnected': [502, 'The connection to the backend was lost'],
  'backend-timeout': [504, 'The backend did not answer in time'],
  'log-unavailable': [503, 'The log is not available'],
  'worker-moved': [503, 'The Worker has moved to another host'],
  'runtime-unavailable': [503, 'The Runtime cannot be reached'],
  unauthenticated: [401, 'A valid access token is needed'],
  forbidden: [403, 'This is not allowed'],
  internal: [500, 'Something went wrong'],
};

const refusals: readonly Refusal[] = [
  { outcome: 'busy', inputId },
  { outcome: 'busy' },
  { outcome: 'unsupported', operation: 'cancel' },
  ...rejectedCodes.map((code): Refusal => ({ outcome: 'rejected', code, backendCode: 'user-error', limit: 4 })),
  ...erroredCodes.map((code): Refusal => ({ outcome: 'errored', code, executed: 'unknown', correlationId })),
];
const codeOf = (refusal: Refusal): string => ('code' in refusal ? refusal.code : refusal.outcome);

describe('the table of codes', () => {
  it('every code has the status and title of the table, and no other code is in it', () => {
    expect(new Set(refusals.map(codeOf))).toEqual(new Set(Object.keys(frozen)));
  });

  it.each(refusals)('B1: a refusal becomes a Problem with the keys of the schema: %o', async (refusal) => {
    const reply = responseOf(problemReply(refusal));
    const problem = problemSchema.parse(await reply.json());
    const [status, title] = frozen[codeOf(refusal)] ?? [];
    const { outcome, ...facts } = refusal;
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toEqual({
      type: `urn:workport:problem:${codeOf(refusal)}`,
      title,
      status,
      outcome,
      code: codeOf(refusal),
      ...facts,
    });
  });

  it('B2: a key that a refusal does not have by its type is not told', async () => {
    const refusal = { outcome: 'rejected', code: 'backend-rejected', detail: 'CANARY /home/user' } as Refusal;
    expect(await responseOf(problemReply(refusal)).text()).not.toContain('CANARY');
  });

  it('a quota says when to ask again, and a missing token how to ask', () => {
    const quota = responseOf(problemReply({ outcome: 'rejected', code: 'quota-exceeded' }));
    const token = responseOf(problemReply({ outcome: 'rejected', code: 'unauthenticated' }));
    expect(quota.headers.get('retry-after')).toBe('60');
    expect(token.headers.get('www-authenticate')).toBe('Bearer realm="workport"');
  });
});
