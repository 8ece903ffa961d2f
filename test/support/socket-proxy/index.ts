export type { Direction, ProxyFrame, Verdict } from './lane.js';
export { SocketProxy } from './socket-proxy.js';
export type { SocketAddress, SocketProxyOptions } from './socket-proxy.js';
