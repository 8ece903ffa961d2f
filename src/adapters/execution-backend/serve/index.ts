export { fd3Transport, streamTransport } from '../process/index.js';
export type { BackendServerOptions } from '../wire/serving-end.js';
export type { WireTransport } from '../wire/transport.js';
export type { ListenProblem } from './listen-error.js';
export { ListenError } from './listen-error.js';
export type { BackendListener, BackendListenOptions, ListenerCounts } from './options.js';
export type { RefusalReason } from './refusals.js';
export { serveBackend } from './serve-backend.js';
