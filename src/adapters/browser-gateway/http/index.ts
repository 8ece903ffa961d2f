export { httpHandler } from './handler.js';
export type { HttpDependencies, HttpHandler } from './handler.js';
export type { Access } from '../edge/access.js';
export type { Connection } from '../edge/connection.js';
export type { Asset } from '../edge/asset.js';
export { listen } from './node-listener.js';
export type { HttpListener, ListenOptions } from './node-listener.js';
export type { HttpOptions } from '../edge/options.js';
export { webSocketUpgrade } from '../websocket/node-upgrade.js';
