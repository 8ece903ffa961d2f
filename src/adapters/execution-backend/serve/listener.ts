import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Server as SecureServer } from 'node:tls';
import { createServer as createSecureServer } from 'node:tls';

import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';
import { formatAddress } from '../socket/address.js';
import { readKeyFile } from '../socket/key-file.js';
import { socketTransport } from '../socket/socket-transport.js';
import type { SharedKey } from '../wire/challenge.js';
import { defaultHandshakeMs } from '../wire/limits.js';
import type { BackendServer } from '../wire/serving-end.js';
import { backendServer } from '../wire/serving-end.js';
import type { WireErrorKind } from '../wire/wire-error.js';
import { bind } from './bind.js';
import type { Certificate } from './certificate.js';
import { checkOptions } from './checked-options.js';
import type { BackendListener, BackendListenOptions, ListenerCounts } from './options.js';
import type { RefusalReason } from './refusals.js';
import { Refusals } from './refusals.js';
import { Room } from './room.js';
import { Visit } from './visit.js';

const defaultMaxUnopened = 64;
const defaultMaxConnections = 4096;

/** Listens for hosts and serves them a backend. Rejects with a `ListenError`; the backend is then left as it is. */
export async function listenForHosts(
  backend: ExecutionBackend,
  options: BackendListenOptions,
): Promise<BackendListener> {
  const { address, certificate } = await checkOptions(options);
  const listener = new Listener(backend, options, certificate);
  const bound = await bind(listener.server, address, options.keyFile === undefined);
  return listener.at(formatAddress(bound));
}

class Listener {
  readonly server: Server;
  readonly #secure: SecureServer | undefined;
  readonly #backend: BackendServer;
  readonly #keyFile: string | undefined;
  readonly #handshakeMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #room: Room;
  readonly #refusals: Refusals;
  readonly #visits = new Set<Visit>();
  /** Those that are to speak TLS first, by their path. */
  readonly #securing = new Map<string, Visit>();
  #disposing: Promise<void> | undefined;

  constructor(backend: ExecutionBackend, options: BackendListenOptions, certificate: Certificate | undefined) {
    const { clock = systemClock, logger = nullLogger, maxUnopened, maxConnections } = options;
    this.#keyFile = options.keyFile === undefined ? undefined : resolve(options.keyFile);
    this.#handshakeMs = options.handshakeMs ?? defaultHandshakeMs;
    this.#clock = clock;
    this.#logger = logger.child({ backendId: backend.id });
    this.#backend = backendServer(backend, options);
    this.#refusals = new Refusals(clock, this.#logger);
    this.#room = new Room({
      maxUnopened: maxUnopened ?? defaultMaxUnopened,
      maxConnections: maxConnections ?? defaultMaxConnections,
    });
    this.#secure = certificate && this.#secureServer(certificate);
    this.server = createServer((socket) => this.#onConnection(socket));
  }

  at(address: string): BackendListener {
    // A connection that could not be accepted is nobody else's matter.
    this.server.on('error', (cause) => this.#refusals.count('system', { cause }));
    return {
      address,
      counts: () => this.#counts(),
      [Symbol.asyncDispose]: () => (this.#disposing ??= this.#dispose()),
    };
  }

  #counts(): ListenerCounts {
    return { open: this.#room.open, unopened: this.#room.unopened, refused: this.#refusals.counts };
  }

  #secureServer(certificate: Certificate): SecureServer {
    const secure = createSecureServer({
      ...certificate,
      minVersion: 'TLSv1.3',
      // The visit's own deadline comes first, and tells the true reason.
      handshakeTimeout: 2 * this.#handshakeMs,
    });
    secure.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      const visit = this.#securing.get(pathOf(socket));
      if (!visit) return socket.destroy();
      visit.reach('left');
      void this.#greet(visit, socket);
    });
    secure.on('tlsClientError', (cause, socket) => this.#securing.get(pathOf(socket))?.refuse('tls', cause));
    return secure;
  }

  #onConnection(socket: Socket): void {
    socket.on('error', () => undefined);
    const remote = socket.remoteAddress;
    const place = this.#room.enter(remote);
    if (!place) {
      socket.destroy();
      return this.#refusals.count('too-many', { remote });
    }
    const visit = new Visit(socket, {
      place,
      clock: this.#clock,
      handshakeMs: this.#handshakeMs,
      stage: this.#secure ? 'tls' : 'left',
      onRefused: (reason, cause) => {
        if (!this.#disposing) this.#refusals.count(reason, { remote, ...(cause !== undefined && { cause }) });
      },
    });
    this.#visits.add(visit);
    void visit.gone.then(() => this.#visits.delete(visit));
    if (this.#secure) this.#beginTls(this.#secure, visit, socket);
    else void this.#greet(visit, socket);
  }

  #beginTls(secure: SecureServer, visit: Visit, socket: Socket): void {
    const path = pathOf(socket);
    this.#securing.set(path, visit);
    socket.once('close', () => this.#securing.delete(path));
    secure.emit('connection', socket);
  }

  async #greet(visit: Visit, socket: Socket): Promise<void> {
    const keyFile = this.#keyFile;
    const remote = socket.remoteAddress;
    let keys: readonly SharedKey[] | undefined;
    try {
      keys = keyFile === undefined ? undefined : await readKeyFile(keyFile);
    } catch (cause) {
      return visit.refuse('key-file', cause);
    }
    if (socket.destroyed) return;
    const { kind } = await this.#backend.accept(socketTransport(socket), {
      keys,
      heartbeat: true,
      onOpen: (keyId) => {
        visit.open();
        this.#logger.info('a host is connected', { remote, keyId });
      },
    });
    if (visit.isOpen) return;
    // Who has a key is told nothing; who needs none is told which line was wrong.
    if (keys) visit.refuse(reasonOf(kind));
    else visit.note(reasonOf(kind));
  }

  async #dispose(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const visit of this.#visits) if (!visit.isOpen) visit.end();
    this.#refusals[Symbol.dispose]();
    try {
      await this.#backend[Symbol.asyncDispose]();
    } finally {
      await Promise.all([closed, ...[...this.#visits].map(({ gone }) => gone)]);
    }
  }
}

/** Both ends of a connection: of one alone there may be several, to several addresses of this machine. */
const pathOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  [remoteAddress, remotePort, localAddress, localPort].join(' ');

function reasonOf(kind: WireErrorKind): RefusalReason {
  return kind === 'unauthorized' || kind === 'protocol-violation' ? kind : 'left';
}
