export { inMemoryLinks } from './in-memory-link.js';
export type { InMemoryLink, InMemoryLinksOptions } from './in-memory-link.js';
