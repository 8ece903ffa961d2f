export { pinoLogger } from './pino-logger.js';
export type { LineSink, PinoLoggerOptions } from './options.js';
export { stderrSink } from './stderr-sink.js';
