export { natsLink } from './nats-link.js';
export type { NatsLinkOptions } from './options.js';
