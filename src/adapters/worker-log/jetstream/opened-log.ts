import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { LoadNats, NatsConnection } from '../../nats/index.js';
import { connectNats } from '../../nats/index.js';
import { Appends } from './appends.js';
import { Heads } from './heads.js';
import { InputIndex } from './input-index.js';
import { serverErrorOf } from './log-server-error.js';
import { openStream } from './open-stream.js';
import type { JetStreamLogOptions } from './options.js';
import { Pages } from './pages.js';
import { Positions } from './positions.js';
import { RecordReader } from './record-reader.js';
import { Records } from './records.js';
import { Removals } from './removals.js';
import { Standings } from './standing.js';
import { LogStream } from './stream.js';
import { subjectsOf } from './subjects.js';
import { trim } from './trim.js';
import { Watches } from './watches.js';

export interface OpeningOptions extends JetStreamLogOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly load?: LoadNats | undefined;
}

/** The parts of a log over one connection. */
export function logOver(connection: NatsConnection, replicas: number, { name, clock, logger }: OpeningOptions) {
  const subjects = subjectsOf(name);
  const stream = new LogStream(name, connection, clock, replicas > 1);
  const reader = new RecordReader(stream);
  const standings = new Standings(stream, subjects, reader);
  const index = new InputIndex(stream, subjects);
  const removals = new Removals({ stream, subjects, standings, logger });
  const positions = new Positions();
  const records = new Records(stream, subjects, positions);
  const pages = new Pages({ stream, subjects, records, reader, positions });
  return {
    connection,
    standings,
    index,
    removals,
    records,
    reader,
    pages,
    appends: new Appends({ stream, subjects, standings, index, removals, logger }),
    heads: new Heads({ stream, subjects, reader, removals, logger }),
    watches: new Watches(connection, subjects, { name, pause: (ms) => stream.pause(ms) }),
    trim: trim.bind(undefined, { stream, subjects, records, pages }),
  };
}

export type OpenedLog = ReturnType<typeof logOver>;

/** Rejects with a `LogServerError` where the server cannot keep the log. */
export async function openLog(options: OpeningOptions): Promise<OpenedLog> {
  const { name, replicas, load, ...server } = options;
  try {
    const connection = await connectNats({ ...server, name: `${name} log` }, load);
    try {
      const found = await openStream(connection, { name, subjects: subjectsOf(name), replicas });
      return logOver(connection, found.replicas, options);
    } catch (cause) {
      await connection.close();
      throw cause;
    }
  } catch (cause) {
    throw serverErrorOf(cause);
  }
}
