import { resolve } from 'node:path';

import { isLoopback } from '../../../protocol/loopback.js';
import type { SocketAddress } from '../socket/address.js';
import { AddressError, parseAddress } from '../socket/address.js';
import { KeyFileError, readKeyFile } from '../socket/key-file.js';
import type { Certificate } from './certificate.js';
import { readCertificate } from './certificate.js';
import { ListenError } from './listen-error.js';
import type { BackendListenOptions } from './options.js';
import { checkFolder } from './unix-socket.js';

/** What options lead to that fit together. */
export interface Checked {
  readonly address: SocketAddress;
  readonly certificate: Certificate | undefined;
}

const misused = (message: string, cause?: unknown): ListenError => new ListenError('configuration', message, { cause });

/**
 * Makes sure that nobody is served whom the options do not mean, before anything listens. Rejects with a `ListenError`
 * for options, keys, a certificate or a folder that it must not, or cannot, be done with.
 */
export async function checkOptions(options: BackendListenOptions): Promise<Checked> {
  const { listen, keyFile, tls, allowPlaintext } = options;
  const address = addressOf(listen);
  if (address.scheme !== 'unix' && keyFile === undefined) {
    throw misused(`${listen} needs a key file: openssl rand -hex 32 > key && chmod 600 key`);
  }
  if (address.scheme === 'tcp' && !allowPlaintext && !isLoopback(address.host)) {
    throw misused(`${listen} is clear text for others than this machine: listen on tls:, or allow plaintext by name`);
  }
  if (address.scheme === 'tls' && !tls) throw misused(`${listen} needs a certificate and its key`);
  if (address.scheme !== 'tls' && tls) throw misused(`${listen} has no use for a certificate: tls: has`);
  if (keyFile !== undefined) await checkKeys(keyFile);
  if (address.scheme === 'unix') await checkFolder(address.path, keyFile !== undefined);
  return { address, certificate: tls && (await readCertificate(tls)) };
}

function addressOf(listen: string): SocketAddress {
  try {
    const address = parseAddress(listen);
    // What is removed at the end is what was made, whichever folder the process is in by then.
    return address.scheme === 'unix' ? parseAddress(`unix:${resolve(address.path)}`) : address;
  } catch (cause) {
    if (cause instanceof AddressError) throw misused(cause.message, cause);
    throw cause;
  }
}

async function checkKeys(keyFile: string): Promise<void> {
  try {
    await readKeyFile(keyFile);
  } catch (cause) {
    if (cause instanceof KeyFileError) throw misused(cause.message, cause);
    throw cause;
  }
}
