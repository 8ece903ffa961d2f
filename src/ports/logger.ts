export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The operator's log. Messages are static, data is in fields; it is the only place where a cause is told (B2). MUST NOT
 * throw; what cannot be written is lost.
 */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each line. */
  child(fields: LogFields): Logger;
}

const silent = (): void => undefined;
/** Says nothing. The default, and what the contract suites run with. */
export const nullLogger: Logger = {
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  child: () => nullLogger,
};

/** A logger that keeps what it throws to itself: no request and no Worker fails because a line cannot be written. */
export function unfailing(logger: Logger): Logger {
  const at =
    (level: Exclude<keyof Logger, 'child'>) =>
    (message: string, fields?: LogFields): void => {
      try {
        logger[level](message, fields);
      } catch {
        // There is nobody left to tell.
      }
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child(fields) {
      try {
        return unfailing(logger.child(fields));
      } catch {
        return nullLogger;
      }
    },
  };
}
