export { httpHandler } from './handler.js';
export type { HttpDependencies, HttpHandler } from './handler.js';
export type { Access } from './access.js';
export type { Connection } from './call.js';
export { listen } from './node-listener.js';
export type { HttpListener, ListenOptions } from './node-listener.js';
export type { HttpOptions } from './options.js';
