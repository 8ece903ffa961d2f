export type { JavascriptOptions } from './javascript-backend.js';
export { javascriptBackend } from './javascript-backend.js';
