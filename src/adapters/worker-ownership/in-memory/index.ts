export { inMemoryOwnerships } from './in-memory-ownership.js';
export type { InMemoryOwnership, InMemoryOwnershipsOptions } from './in-memory-ownership.js';
