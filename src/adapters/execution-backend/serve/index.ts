export { fd3Transport, serveBackend, streamTransport } from '../process/index.js';
export type { BackendServerOptions } from '../wire/serving-end.js';
export type { WireTransport } from '../wire/transport.js';
