export { connectNats, within } from './connection.js';
export type { NatsConnection, NatsHeaders, NatsMessage } from './connection.js';
export { NatsError } from './nats-error.js';
export type { NatsProblem } from './nats-error.js';
export type { NatsConnectionOptions, NatsServerOptions, NatsTlsOptions } from './options.js';
export type { LoadNats } from './package-name.js';
export { natsMissing, natsName } from './package-name.js';
