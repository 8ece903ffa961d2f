import { readFile, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect as connectSocket, isIP } from 'node:net';
import { dirname } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';

import { parseAddress } from '../socket/address.js';
import { DialError, problems } from './dial-error.js';
import type { RemoteSocketOptions } from './options.js';
import { plainFingerprint } from './options.js';

/**
 * The connected socket that options lead to, its certificate verified where it has one; nobody has spoken yet. It does
 * not keep the process alive. Rejects with a `DialError` or as Node.js does; an abort destroys it.
 */
export async function dial(options: RemoteSocketOptions, signal: AbortSignal): Promise<Socket> {
  const address = parseAddress(options.address);
  if (address.scheme === 'unix') {
    if (options.keyFile === undefined) await refuseOpenSocket(address.path);
    return connected(connectSocket({ path: address.path }), 'connect', signal);
  }
  const { host, port } = address;
  if (address.scheme === 'tcp') return connected(connectSocket({ host, port }), 'connect', signal);
  const ca = options.ca === undefined ? undefined : await certificates(options.ca);
  const { fingerprint } = options;
  const socket = connectTls({
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    minVersion: 'TLSv1.3',
    rejectUnauthorized: fingerprint === undefined,
  });
  await connected(socket, 'secureConnect', signal);
  if (fingerprint !== undefined) refuseOther(socket, fingerprint);
  return socket;
}

/** The socket once it is connected. Aborted before this call, it never is: no socket connects before the event loop turns. */
function connected<T extends Socket>(socket: T, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<T> {
  socket.unref();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.off('close', onClose);
      socket.off(event, onConnect);
    };
    const onConnect = (): void => {
      settle();
      resolve(socket);
    };
    const fail = (cause: Error): void => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(cause);
    };
    const onError = (cause: Error): void => fail(cause);
    const onClose = (): void => fail(new DialError(problems.closed));
    const onAbort = (): void => fail(new DialError(problems.silent));
    socket.on('error', onError).on('close', onClose).on(event, onConnect);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Whoever can make or replace the socket could be the server. */
async function refuseOpenSocket(path: string): Promise<void> {
  const [folder, socket] = await Promise.all([stat(dirname(path)), stat(path)]);
  if (((folder.mode | socket.mode) & 0o077) !== 0) throw new DialError(problems.openToOthers);
}

async function certificates(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new DialError({ ...problems.caFile, sign: `${file} cannot be read` }, { cause });
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new DialError({ ...problems.caFile, sign: `${file} holds no certificate` });
  }
  return text;
}

function refuseOther(socket: TLSSocket, fingerprint: string): void {
  const { fingerprint256 } = socket.getPeerCertificate();
  if (plainFingerprint(fingerprint256) === plainFingerprint(fingerprint)) return;
  socket.on('error', () => undefined);
  socket.destroy();
  throw new DialError({ ...problems.wrongFingerprint, sign: plainFingerprint(fingerprint256) });
}
