export { inMemoryBackend } from './in-memory-backend.js';
export type { InMemoryBackend, InMemoryBackendOptions } from './in-memory-backend.js';
