import type { LogFields, Logger } from '../../../ports/logger.js';

/** The same logger; while `isDemoted` says so, all that it is told is for debugging. */
export function demotedLogger(logger: Logger, isDemoted: () => boolean): Logger {
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void =>
      logger[isDemoted() ? 'debug' : level](message, fields);
  return {
    trace: (message, fields) => logger.trace(message, fields),
    debug: (message, fields) => logger.debug(message, fields),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => demotedLogger(logger.child(fields), isDemoted),
  };
}
