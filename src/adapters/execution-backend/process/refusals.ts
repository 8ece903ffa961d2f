import type { Refused } from '../../../ports/execution-backend.js';

export const stale: Refused = { outcome: 'errored', code: 'stale-generation' };
/** There is no program to send it to: it did not run. */
export const disconnected: Refused = { outcome: 'errored', code: 'backend-disconnected' };
export const unavailable = (detail: unknown): Refused => ({ outcome: 'rejected', code: 'backend-unavailable', detail });
