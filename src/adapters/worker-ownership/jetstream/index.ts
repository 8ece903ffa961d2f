export { jetStreamOwnership } from './jetstream-ownership.js';
export type { JetStreamOwnershipOptions } from './options.js';
export { OwnershipServerError } from './ownership-server-error.js';
export type { OwnershipServerProblem } from './ownership-server-error.js';
