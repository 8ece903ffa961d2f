import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';

import { onTestFinished } from 'vitest';

import { serveBackend } from '../../../../src/adapters/execution-backend/serve/index.js';
import type { BackendListener, BackendListenOptions } from '../../../../src/adapters/execution-backend/serve/index.js';
import type { SocketAddress } from '../../../../src/adapters/execution-backend/socket/address.js';
import { parseAddress } from '../../../../src/adapters/execution-backend/socket/address.js';
import { socketTransport } from '../../../../src/adapters/execution-backend/socket/socket-transport.js';
import type { SharedKey } from '../../../../src/adapters/execution-backend/wire/challenge.js';
import { proofOf } from '../../../../src/adapters/execution-backend/wire/challenge.js';
import { RawEnd, initialize } from '../wire/raw-end.js';
import type { Overrides } from '../wire/support.js';
import { RecordingLogger, ScriptedBackend } from '../wire/support.js';

export const newKey = (id = 'default'): SharedKey => ({ id, secret: randomBytes(32) });

const hex = ({ secret }: SharedKey): string => Buffer.from(secret).toString('hex');

/** A file of keys as it has to be. */
export async function keyFileOf(folder: string, ...keys: readonly SharedKey[]): Promise<string> {
  const file = join(folder, 'key');
  await writeFile(file, keys.map((key) => `${key.id}:${hex(key)}\n`).join(''), { mode: 0o600 });
  await chmod(file, 0o600);
  return file;
}

/** A certificate for 127.0.0.1 that vouches for itself. */
export async function certificateIn(folder: string, name = 'cert'): Promise<{ certFile: string; keyFile: string }> {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const named = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', [...request, ...named, '-keyout', keyFile, '-out', certFile]);
  return { certFile, keyFile };
}

/** A backend that is served until the test is over. */
export async function served(
  options: BackendListenOptions,
  overrides: Overrides = {},
): Promise<{ author: ScriptedBackend; logger: RecordingLogger; listener: BackendListener }> {
  const author = new ScriptedBackend(overrides);
  const logger = new RecordingLogger();
  const listener = await serveBackend(author, { logger, ...options });
  onTestFinished(() => listener[Symbol.asyncDispose]());
  return { author, logger, listener };
}

/** A socket to where a backend listens, gone when the test is. */
export function dial(address: string, tls: ConnectionOptions = {}): Socket {
  const socket = socketTo(parseAddress(address), tls);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

function socketTo(to: SocketAddress, tls: ConnectionOptions): Socket {
  if (to.scheme === 'unix') return connect(to.path);
  const { host, port } = to;
  return to.scheme === 'tcp' ? connect({ host, port }) : connectSecurely({ host, port, ...tls });
}

export const rawTo = (address: string, tls: ConnectionOptions = {}): RawEnd =>
  new RawEnd(socketTransport(dial(address, tls)));

/** Shows the key, line by line; of request ids, 1 and 2 are taken. */
export async function showKey(raw: RawEnd, key: SharedKey): Promise<void> {
  const clientNonce = randomBytes(32).toString('base64url');
  raw.send({ id: 1, method: 'auth/hello', params: { keyId: key.id, clientNonce } });
  const { result } = await raw.answer(1);
  const nonces = { keyId: key.id, clientNonce, serverNonce: String(result?.['serverNonce']) };
  raw.send({ id: 2, method: 'auth/prove', params: { proof: proofOf(key.secret, 'host', nonces) } });
}

/** A host whose connection is open; of request ids, 1 to 3 are taken. */
export async function host(address: string, key?: SharedKey, tls: ConnectionOptions = {}): Promise<RawEnd> {
  const raw = rawTo(address, tls);
  if (key) await showKey(raw, key);
  raw.send(initialize(3), { method: 'initialized', params: {} });
  await raw.answer(3);
  return raw;
}
