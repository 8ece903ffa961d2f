export { jetStreamLog } from './jetstream-log.js';
export { LogServerError } from './log-server-error.js';
export type { LogServerProblem } from './log-server-error.js';
export type { JetStreamDurability, JetStreamLogOptions } from './options.js';
