import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

import { ListenError } from './listen-error.js';
import type { BackendListenOptions } from './options.js';

type TlsFiles = NonNullable<BackendListenOptions['tls']>;

const codeOf = (cause: unknown): string => (cause as { readonly code?: string }).code ?? 'unknown';

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate and its key that can be served with. Rejects with a `ListenError`. */
export async function readCertificate({ certFile, keyFile }: TlsFiles): Promise<Certificate> {
  const cert = await read(certFile);
  const key = await read(keyFile);
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    const code = codeOf(cause);
    const problem = code.endsWith('KEY_VALUES_MISMATCH')
      ? `the key ${keyFile} does not belong to the certificate ${certFile}`
      : `the certificate ${certFile} and the key ${keyFile} cannot be used (${code}): both are PEM, the key without a passphrase`;
    throw new ListenError('configuration', problem, { cause });
  }
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ListenError('configuration', `the file ${file} cannot be read (${codeOf(cause)})`, { cause });
  }
}
