import type { CorrelationId } from '../../../domain/ids.js';
import type { Errored, Refusal } from '../../../domain/outcome.js';
import { rejected } from '../../../domain/outcome.js';
import type { Problem, ProblemCode } from '../../../protocol/browser.js';
import { titleOf } from '../../../protocol/titles.js';

import type { HeaderFields } from './reply.js';
import type { Reply } from './reply.js';
import { securityHeaders } from './security-headers.js';
import { statusOf } from './status.js';

function codeOf(refusal: Refusal): ProblemCode {
  return refusal.outcome === 'busy' || refusal.outcome === 'unsupported' ? refusal.outcome : refusal.code;
}

const head = (code: ProblemCode, outcome: Refusal['outcome']) => ({
  type: `urn:workport:problem:${code}` as const,
  title: titleOf[code],
  status: statusOf[code],
  code,
  outcome,
});

/** Its public form, field by field (B1). */
export function problemOf(refusal: Refusal): Problem {
  const common = head(codeOf(refusal), refusal.outcome);
  switch (refusal.outcome) {
    case 'busy':
      return { ...common, ...(refusal.inputId && { inputId: refusal.inputId }) };
    case 'unsupported':
      return { ...common, operation: refusal.operation };
    case 'rejected':
      return {
        ...common,
        ...(refusal.backendCode !== undefined && { backendCode: refusal.backendCode }),
        ...(refusal.limit !== undefined && { limit: refusal.limit }),
      };
    case 'errored':
      return {
        ...common,
        executed: refusal.executed,
        correlationId: refusal.correlationId,
        ...(refusal.backendCode !== undefined && { backendCode: refusal.backendCode }),
      };
  }
}

/** What a code always brings with it. */
const headersOf: Partial<Record<ProblemCode, HeaderFields>> = {
  unauthenticated: { 'www-authenticate': 'Bearer realm="workport"' },
  'quota-exceeded': { 'retry-after': '60' },
};

export function problemReply(refusal: Refusal, headers?: HeaderFields): Reply {
  const problem = problemOf(refusal);
  return {
    status: problem.status,
    headers: {
      ...securityHeaders,
      'content-type': 'application/problem+json',
      ...headersOf[problem.code],
      ...headers,
    },
    body: JSON.stringify(problem),
  };
}

/** A quota is used up: of how many, and when to ask again. */
export const quotaReply = (limit: number, retryAfterMs: number): Reply =>
  problemReply({ ...rejected('quota-exceeded'), limit }, { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });

/** A defect, as it is told: its cause stands in the operator log under the same id (B2). */
export const defect = (executed: Errored['executed'], correlationId: CorrelationId): Errored => ({
  outcome: 'errored',
  code: 'internal',
  executed,
  correlationId,
});
