import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import type { JetStreamLogOptions } from '../../adapters/worker-log/jetstream/index.js';
import { natsMissing, natsName } from '../../adapters/nats/index.js';
import { ConfigError } from './config-error.js';
import type { JetStreamLogConfig } from './schema.js';

/** Refuses a log on a server where the package that it needs is not installed. */
function requirePackage(): void {
  try {
    createRequire(import.meta.url).resolve(natsName);
  } catch {
    throw new ConfigError([`log: ${natsMissing}`]);
  }
}

function secretOf(key: string, secret: { readonly fromEnv: string } | undefined): string | undefined {
  if (!secret) return undefined;
  const value = process.env[secret.fromEnv];
  if (value === undefined) throw new ConfigError([`log.${key}: the variable ${secret.fromEnv} is not set`]);
  return value;
}

/** The log that the configuration names. Relative paths are relative to `folder`. */
export function logServer(log: JetStreamLogConfig, folder: string): JetStreamLogOptions {
  requirePackage();
  const { servers, name, replicas, durability, user, tls } = log;
  const file = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  return {
    servers,
    name,
    replicas,
    durability,
    user,
    password: secretOf('password', log.password),
    token: secretOf('token', log.token),
    credsFile: file(log.credsFile),
    nkeyFile: file(log.nkeyFile),
    tls:
      typeof tls === 'object'
        ? { caFile: file(tls.caFile), certFile: file(tls.certFile), keyFile: file(tls.keyFile) }
        : tls,
  };
}

/** What of it the operator's log never shows. */
export const logSecrets = ({ password, token }: JetStreamLogConfig): readonly string[] =>
  [password, token].flatMap((secret) => (secret ? (process.env[secret.fromEnv] ?? []) : []));
