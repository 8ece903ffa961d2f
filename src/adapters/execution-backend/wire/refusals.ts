import type { Refused } from '../../../ports/execution-backend.js';

/** A higher generation of that Worker was seen (E6). */
export const stale = { outcome: 'errored', code: 'stale-generation' } as const satisfies Refused;
/** There is nothing that it could be sent to: it did not run. */
export const disconnected = { outcome: 'errored', code: 'backend-disconnected' } as const satisfies Refused;
export const unsupported = { outcome: 'unsupported' } as const satisfies Refused;
/** `detail` goes to the operator log only. */
export const unavailable = (detail?: unknown): Refused => ({
  outcome: 'rejected',
  code: 'backend-unavailable',
  ...(detail !== undefined && { detail }),
});
