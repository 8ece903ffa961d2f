import type * as nats from '@nats-io/transport-node';

import type { Clock } from '../../ports/clock.js';
import { authenticatorOf, tlsOf } from './credentials.js';
import { NatsError } from './nats-error.js';
import type { NatsConnectionOptions } from './options.js';
import type { LoadNats } from './package-name.js';
import type { Nats } from './package.js';
import { loadNats } from './package.js';

export type NatsHeaders = Readonly<Record<string, string>>;

export interface NatsMessage {
  readonly subject: string;
  /** Where an answer would go; '' for nowhere. */
  readonly reply: string;
  readonly data: Uint8Array;
  /** What the server says of a request instead of an answer, as `404`; 0 for a message of somebody. */
  readonly status: number;
  /** The value of a header; '' where it is absent. */
  header(name: string): string;
}

/** A connection that is made again for ever when it breaks. */
export interface NatsConnection {
  readonly serverVersion: string;
  /** What a message may hold at most, in bytes, headers included. */
  readonly maxPayload: number;
  /** It was closed by its owner, or for ever. */
  readonly isClosed: boolean;
  /** Settles within `timeoutMs`. Rejects with a `NatsError`. */
  request(
    subject: string,
    data: Uint8Array | string,
    options: { readonly timeoutMs: number; readonly headers?: NatsHeaders | undefined },
  ): Promise<NatsMessage>;
  /** Sends and hopes: nothing is kept where there is no connection. */
  publish(subject: string, data?: string, reply?: string): void;
  /** The returned function ends it. It outlives a broken connection. */
  subscribe(subject: string, onMessage: (message: NatsMessage) => void): () => void;
  newInbox(): string;
  /** An id that no other message has. */
  newId(): string;
  /** Calls `run` whenever the connection was made again: messages may have been missed. The returned function ends that. */
  onReconnected(run: () => void): () => void;
  /** Idempotent. Settles within seconds, whatever the server does. */
  close(): Promise<void>;
}

const connectMs = 5_000;
const closeMs = 2_000;
const reconnectMs = 250;
/** A server that answers none of two is given up. */
const pingMs = 5_000;

/** Rejects with what `late` makes where nothing has come in time: no promise of the library is waited for without it. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (cause: unknown) => {
        cancel();
        reject(cause);
      },
    );
  });
}

const messageOf = ({ subject, reply = '', data, headers }: nats.Msg): NatsMessage => ({
  subject,
  reply,
  data,
  status: headers?.code ?? 0,
  header: (name) => headers?.get(name) ?? '',
});

function connectError({ errors }: Nats, cause: unknown): NatsError {
  if (cause instanceof NatsError) return cause;
  const isRefused =
    cause instanceof errors.AuthorizationError ||
    cause instanceof errors.UserAuthenticationExpiredError ||
    cause instanceof errors.PermissionViolationError;
  return isRefused
    ? new NatsError('denied', 'the NATS server refuses the credentials: see that they are those of its account')
    : new NatsError('unreachable', 'no NATS server answers: see that it runs and that its address is right', { cause });
}

function requestError({ errors }: Nats, cause: unknown): NatsError {
  if (cause instanceof NatsError) return cause;
  if (!(cause instanceof Error)) return new NatsError('no-answer', 'the NATS server did not answer', { cause });
  const causes = [cause, cause.cause];
  if (causes.some((each) => each instanceof errors.NoRespondersError)) {
    return new NatsError('no-responders', 'nobody serves this request');
  }
  if (causes.some((each) => each instanceof errors.PermissionViolationError)) {
    return new NatsError('denied', 'the NATS server does not permit this request');
  }
  const isUnsent = causes.some((each) => each instanceof errors.ClosedConnectionError);
  return isUnsent
    ? new NatsError('not-sent', 'the connection is closed')
    : new NatsError('no-answer', 'the NATS server did not answer', { cause });
}

function checkServers(servers: readonly string[]): void {
  if (servers.length === 0) throw new TypeError('servers: name at least one');
  if (!servers.some((server) => server.includes('@'))) return;
  throw new TypeError('servers: an address holds no credentials: they have options of their own');
}

/** Rejects with a `NatsError` where no server answers, or refuses. */
export async function connectNats(options: NatsConnectionOptions, load?: LoadNats): Promise<NatsConnection> {
  checkServers(options.servers);
  const library = await loadNats(load);
  const connecting = connect(library, options);
  const limitMs = connectMs * (options.servers.length + 1);
  const late = (): Error => new NatsError('unreachable', 'no NATS server answers in time: see that it is well');
  try {
    return connectionOf(library, await within(options.clock, limitMs, connecting, late), options);
  } catch (cause) {
    connecting.then(
      (connection) => connection.close(),
      () => undefined,
    );
    throw connectError(library, cause);
  }
}

async function connect(library: Nats, options: NatsConnectionOptions): Promise<nats.NatsConnection> {
  const { servers, name, tls } = options;
  const authenticator = await authenticatorOf(library, options);
  return library.connect({
    servers: [...servers],
    name,
    timeout: connectMs,
    pingInterval: pingMs,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(authenticator && { authenticator }),
    ...(tls && { tls: tlsOf(tls) }),
  });
}

function connectionOf(
  library: Nats,
  connection: nats.NatsConnection,
  { clock, logger }: NatsConnectionOptions,
): NatsConnection {
  let isConnected = true;
  let closing: Promise<void> | undefined;
  const reconnected = new Set<() => void>();
  let info = connection.info;

  const watch = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') {
        isConnected = false;
        if (!closing) logger.warn('the connection to the NATS server is broken');
      } else if (type === 'reconnect') {
        isConnected = true;
        info = connection.info;
        logger.info('the connection to the NATS server was made again');
        for (const run of [...reconnected]) run();
      } else if (type === 'error') logger.warn('the NATS server reports an error');
    }
    isConnected = false;
  };
  void watch();

  const close = async (): Promise<void> => {
    const closed = connection.close().catch(() => undefined);
    await within(clock, closeMs, closed, () => new Error('late')).catch(() => undefined);
  };

  return {
    get serverVersion() {
      return info?.version ?? '';
    },
    get maxPayload() {
      return info?.max_payload ?? 0;
    },
    get isClosed() {
      return closing !== undefined || connection.isClosed();
    },
    async request(subject, data, { timeoutMs, headers }) {
      if (!isConnected || closing) throw new NatsError('not-sent', 'there is no connection to the NATS server');
      const late = (): Error => new NatsError('no-answer', 'the NATS server did not answer in time');
      try {
        const sent = library.headers();
        for (const [name, value] of Object.entries(headers ?? {})) sent.set(name, value);
        const options = { timeout: timeoutMs + 1_000, ...(headers && { headers: sent }) };
        return messageOf(await within(clock, timeoutMs, connection.request(subject, data, options), late));
      } catch (cause) {
        throw requestError(library, cause);
      }
    },
    publish(subject, data = '', reply) {
      if (isConnected && !closing) connection.publish(subject, data, reply === undefined ? {} : { reply });
    },
    subscribe(subject, onMessage) {
      const callback = (error: Error | null, message: nats.Msg): void => {
        if (!error) onMessage(messageOf(message));
      };
      const subscription = connection.subscribe(subject, { callback });
      return () => {
        if (!connection.isClosed()) subscription.unsubscribe();
      };
    },
    newInbox: () => library.createInbox(),
    newId: () => library.nuid.next(),
    onReconnected(run) {
      reconnected.add(run);
      return () => reconnected.delete(run);
    },
    close: () => (closing ??= close()),
  };
}
