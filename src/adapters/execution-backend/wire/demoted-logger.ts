import type { LogFields, Logger } from '../../../ports/logger.js';

/** The same logger, whose warnings and errors are for debugging while `isDemoted` says so. */
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
