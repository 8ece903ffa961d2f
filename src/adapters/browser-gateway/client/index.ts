export { browserClient } from './browser-client.js';
export type { BrowserClient } from './browser-client.js';
export type { BrowserClientOptions, ConnectionState, SocketLike } from './options.js';
export { workers } from './workers.js';
export type { WorkerHandle, WorkerRequest, Workers } from './workers.js';
