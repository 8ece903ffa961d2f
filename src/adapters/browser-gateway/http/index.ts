export { httpHandler } from './handler.js';
export type { HttpHandler } from './handler.js';
export type { EdgeDependencies as HttpDependencies } from '../edge/edge.js';
export type { Access } from '../edge/access.js';
export type { Connection } from './call.js';
export { listen } from './node-listener.js';
export type { HttpListener, ListenOptions } from './node-listener.js';
export type { HttpOptions } from '../edge/options.js';
export { webSocketUpgrade } from '../websocket/node-upgrade.js';
