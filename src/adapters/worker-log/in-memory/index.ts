export { inMemoryLog } from './in-memory-worker-log.js';
export type { InMemoryLogOptions } from './options.js';
