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

/** What refuses, in a body or in a message of a socket. */
type Told = Omit<Problem, 'type' | 'title' | 'status'>;

function isProblem(body: unknown): body is Problem {
  const { type } = (body ?? {}) as Partial<Problem>;
  return typeof type === 'string' && type.startsWith('urn:workport:problem:');
}

/** What a Problem says, field by field. `undefined`: it is none of this API. */
export const refusalIn = (body: unknown, executed: Errored['executed']): Refusal | undefined =>
  isProblem(body) ? refusalOf(body, executed) : undefined;

function refusalOf(told: Told, executed: Errored['executed']): Refusal | undefined {
  const { code, inputId, operation, backendCode, limit, correlationId } = told;
  if (typeof code !== 'string') return undefined;
  switch (told.outcome ?? 'rejected') {
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
        executed: told.executed ?? executed,
        correlationId: correlationId ?? (randomUuid() as CorrelationId),
        ...(backendCode !== undefined && { backendCode }),
      };
  }
}

/** The same of what can be read or watched, where nothing is executed: an answer that does not fit is none. */
export const readRefusalIn = (body: unknown): Rejected | Errored | undefined =>
  isProblem(body) ? readRefusalOf(body) : undefined;

export function readRefusalOf(told: Told): Rejected | Errored | undefined {
  const refusal = refusalOf(told, 'no');
  return refusal?.outcome === 'rejected' || refusal?.outcome === 'errored' ? refusal : undefined;
}
