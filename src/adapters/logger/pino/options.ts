export interface LineSink {
  /** Takes a whole line, or answers `false` where there is no room for it now. MUST NOT throw and MUST NOT wait. */
  write(line: string): boolean;
}

export interface PinoLoggerOptions {
  /** What is below it is not written. `info`. */
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | undefined;
  /** `human`: one line to read, a cause with its stack below it. `json`, the default: one object a line. */
  readonly format?: 'human' | 'json' | undefined;
  /** For `human` alone. Off. */
  readonly colors?: boolean | undefined;
  /** Values that are never written, in none of their usual encodings. Those of less than 6 characters are not looked for. */
  readonly secrets?: readonly string[] | undefined;
  /** stderr. */
  readonly sink?: LineSink | undefined;
}
