import { readFile } from 'node:fs/promises';

import type * as nats from '@nats-io/transport-node';

import { NatsError } from './nats-error.js';
import type { NatsServerOptions, NatsTlsOptions } from './options.js';
import type { Nats } from './package.js';

async function fileOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new NatsError('denied', `the credentials in ${path} cannot be read: see that this user may`, { cause });
  }
}

/** Who the server is told to speak with; `undefined` for nobody in particular. */
export async function authenticatorOf(
  library: Nats,
  { user, password, token, nkeyFile, credsFile }: NatsServerOptions,
): Promise<nats.Authenticator | undefined> {
  if (credsFile !== undefined) return library.credsAuthenticator(await fileOf(credsFile));
  if (nkeyFile !== undefined) {
    const seed = new TextDecoder().decode(await fileOf(nkeyFile)).trim();
    return library.nkeyAuthenticator(new TextEncoder().encode(seed));
  }
  if (token !== undefined) return library.tokenAuthenticator(token);
  return user === undefined ? undefined : library.usernamePasswordAuthenticator(user, password);
}

export function tlsOf(tls: NatsTlsOptions | true): nats.TlsOptions {
  if (tls === true) return {};
  const { caFile, certFile, keyFile } = tls;
  return { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
}
