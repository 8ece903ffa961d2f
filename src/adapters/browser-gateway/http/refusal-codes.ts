import type { ProblemCode } from '../../../protocol/browser.js';

type Codes = readonly ProblemCode[];

/** What any request can be refused with, before a route looks at it and while it does. */
export const codesOfAll: Codes = ['request-invalid', 'forbidden', 'request-timeout', 'input-too-large', 'internal'];

/** Of what a path names. */
export const codesOfRuntime: Codes = ['runtime-unknown', 'runtime-unavailable'];
export const codesOfWorker: Codes = [...codesOfRuntime, 'worker-unknown', 'log-unavailable', 'worker-moved'];

export const codesOfPage: Codes = ['limit-invalid', 'cursor-invalid'];

/** Of what a backend is asked for. */
export const codesOfBackend: Codes = [
  'quota-exceeded',
  'unsupported',
  'backend-rejected',
  'backend-unavailable',
  'backend-unauthenticated',
  'backend-fault',
  'backend-disconnected',
  'backend-timeout',
  'log-unavailable',
  'worker-moved',
  'runtime-draining',
];
/** Of an operation of a Worker that its backend takes part in. */
export const codesOfOperation: Codes = [...codesOfWorker, ...codesOfBackend, 'worker-stopping'];
