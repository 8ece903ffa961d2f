import type { CorrelationId } from '../../../domain/ids.js';
import type { Busy, Errored, Refusal, Rejected, Unsupported } from '../../../domain/outcome.js';
import type { Problem } from '../../../protocol/browser.js';

import { randomUuid } from './ids.js';

/** That no answer of the API came. Nobody on the other side knows this correlation id: it is for the page's own log. */
export const unavailable = (executed: Errored['executed']): Errored => ({
  outcome: 'errored',
  code: 'runtime-unavailable',
  executed,
  correlationId: randomUuid() as CorrelationId,
});

function isProblem(body: unknown): body is Problem {
  const { type, code } = (body ?? {}) as Partial<Problem>;
  return typeof type === 'string' && type.startsWith('urn:workport:problem:') && typeof code === 'string';
}

/** What a Problem says, field by field. `undefined`: it is none of this API. */
export function refusalIn(body: unknown, executed: Errored['executed']): Refusal | undefined {
  if (!isProblem(body)) return undefined;
  const { code, inputId, operation, backendCode, limit, correlationId } = body;
  switch (body.outcome ?? (correlationId === undefined ? 'rejected' : 'errored')) {
    case 'busy':
      return { outcome: 'busy', ...(inputId !== undefined && { inputId }) } satisfies Busy;
    case 'unsupported':
      return operation && ({ outcome: 'unsupported', operation } satisfies Unsupported);
    case 'rejected':
      return {
        outcome: 'rejected',
        code: code as Rejected['code'],
        ...(backendCode !== undefined && { backendCode }),
        ...(limit !== undefined && { limit }),
      };
    case 'errored':
      return {
        outcome: 'errored',
        code: code as Errored['code'],
        executed: body.executed ?? executed,
        correlationId: correlationId ?? (randomUuid() as CorrelationId),
        ...(backendCode !== undefined && { backendCode }),
      };
  }
}

/** The same of what can be read or watched, where nothing is executed: an answer that does not fit is none. */
export function readRefusalIn(body: unknown): Rejected | Errored | undefined {
  const refusal = refusalIn(body, 'no');
  return refusal?.outcome === 'rejected' || refusal?.outcome === 'errored' ? refusal : undefined;
}
