import { pino } from 'pino';
import type { Logger as Pino } from 'pino';

import type { Json } from '../../../domain/ids.js';
import type { LogFields, Logger } from '../../../ports/logger.js';

import { humanLine } from './human-line.js';
import type { LineSink, PinoLoggerOptions } from './options.js';
import { plain } from './plain.js';
import { redaction } from './redaction.js';
import { stderrSink } from './stderr-sink.js';

type Entry = Readonly<Record<string, Json>>;
type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** What a line says of itself; a field of that name steps aside. */
const reserved: readonly string[] = ['level', 'time', 'message'];

function plainFields(fields: LogFields): Entry {
  const entries = Object.entries(plain(fields) as Entry);
  return Object.fromEntries(entries.map(([name, value]) => [reserved.includes(name) ? `${name}_` : name, value]));
}

/** Renders, takes the secrets out, and tells how many lines found no room. */
function lineWriter(options: PinoLoggerOptions): LineSink {
  const { format = 'json', colors = false, secrets = [], sink = stderrSink() } = options;
  const redact = redaction(secrets);
  const human = humanLine(colors);
  const render = (line: string): string => redact(format === 'human' ? human(JSON.parse(line) as Entry) : line);
  const loss = (lines: number): string =>
    render(
      `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), message: 'log lines were dropped', lines })}\n`,
    );
  let dropped = 0;
  return {
    write(line) {
      if (dropped > 0 && sink.write(loss(dropped))) dropped = 0;
      const taken = sink.write(render(line));
      if (!taken) dropped += 1;
      return taken;
    },
  };
}

class PinoLogger implements Logger {
  readonly #pino: Pino;
  readonly #bound: Entry;

  constructor(instance: Pino, bound: Entry = {}) {
    this.#pino = instance;
    this.#bound = bound;
  }

  trace(message: string, fields?: LogFields): void {
    this.#write('trace', message, fields);
  }
  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }
  child(fields: LogFields): Logger {
    return new PinoLogger(this.#pino, { ...this.#bound, ...plainFields(fields) });
  }

  #write(level: Level, message: string, fields: LogFields | undefined): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    try {
      this.#pino[level](fields ? { ...this.#bound, ...plainFields(fields) } : this.#bound, '%s', message);
    } catch {
      // A line that cannot be written is lost: who logs has better things to do than to fail by it.
    }
  }
}

/** The operator's log on stderr, by pino. A cause comes with its stack. No method ever throws or waits. */
export function pinoLogger(options: PinoLoggerOptions = {}): Logger {
  const { level = 'info' } = options;
  const settings = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return new PinoLogger(pino(settings, lineWriter(options)));
}
