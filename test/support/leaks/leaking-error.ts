import type { Secrets } from './secrets.js';

/** An error that has something to tell in each of its fields. */
export function leakingError(secret: Secrets): Error {
  const cause = new Error(secret['errorCause']);
  const error = new Error(secret['errorMessage'], { cause });
  error.name = secret['errorName'] ?? '';
  error.stack = `${secret['errorStack'] ?? ''}\n    at ${secret['errorStack'] ?? ''} (/secret/path.js:1:1)`;
  return Object.assign(error, { code: secret['errorCode'], path: secret['errorField'], status: 418, expose: true });
}
