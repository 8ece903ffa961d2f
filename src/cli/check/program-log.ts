import type { LogFields, Logger } from '../../ports/logger.js';
import type { ExecutionExit } from '../../ports/observation-publisher.js';

const keptLines = 20;
const lineLength = 400;

const ignored = (): void => undefined;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What a line of the operator's log says of a program, where it says something to who wrote it. */
function lineOf(message: string, fields: LogFields): string | undefined {
  if (message === 'program stderr') return textOf(fields['line']);
  if (message === 'backend') return textOf(fields['text']);
  if (message === 'protocol violation') {
    const { reason, line, excerpt } = fields;
    const shown = excerpt === undefined ? '' : `: ${textOf(excerpt)}`;
    return `(protocol violation in line ${String(line)} of what it wrote: ${textOf(reason)}${shown})`;
  }
  if (message === 'program cannot be started') return `(${(fields['error'] as Error).message})`;
  return undefined;
}

/** Keeps the last lines of what programs say to their operator, and how the last one of them ended. */
export class ProgramLog implements Logger {
  readonly trace = ignored;
  #lines: string[] = [];
  #lastExit: ExecutionExit | undefined;

  get lastExit(): ExecutionExit | undefined {
    return this.#lastExit;
  }

  /** The last lines, oldest first; the next call gives those that follow. */
  take(): readonly string[] {
    return this.#lines.splice(0);
  }

  readonly debug = (message: string, fields: LogFields = {}): void => {
    if (message === 'program ended') this.#lastExit = fields['exit'] as ExecutionExit;
    else this.#keep(message, fields);
  };
  readonly info = (message: string, fields: LogFields = {}): void => this.#keep(message, fields);
  readonly warn = (message: string, fields: LogFields = {}): void => this.#keep(message, fields);
  readonly error = (message: string, fields: LogFields = {}): void => this.#keep(message, fields);

  child(): Logger {
    return this;
  }

  #keep(message: string, fields: LogFields): void {
    const line = lineOf(message, fields);
    if (line === undefined) return;
    this.#lines.push(line.length > lineLength ? `${line.slice(0, lineLength)}…` : line);
    if (this.#lines.length > keptLines) this.#lines.shift();
  }
}
