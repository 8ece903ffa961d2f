import { inspect } from 'node:util';

import { hashToken, tokenAuthenticator } from '../../../src/adapters/authenticator/token/index.js';
import { httpHandler, listen } from '../../../src/adapters/browser-gateway/http/index.js';
import type { HttpDependencies } from '../../../src/adapters/browser-gateway/http/index.js';
import { createRuntime, scoped } from '../../../src/index.js';
import type { BrowserGateway, ExecutionBackend, Logger, RuntimeOptions } from '../../../src/index.js';
import { recordingLogger } from '../recording-logger.js';
import { guestToken } from './tour.js';

export interface InProcessHost extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** All that the operator was told. */
  logged(): string;
}

export const hostToken = 'in-process-token';
const scopes = ['read', 'input', 'control'] as const;

/** Serves a gateway in this process to who holds `hostToken`, and to the guest. */
export async function serveGateway(
  gateway: BrowserGateway,
  logger: Logger,
  more: Partial<HttpDependencies> = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const authenticator = tokenAuthenticator([
    { name: 'access', sha256: hashToken(hostToken), scopes },
    { name: 'guest', sha256: hashToken(guestToken), scopes, profiles: ['planned'] },
  ]);
  const gatewayFor: HttpDependencies['gatewayFor'] = (principal) => scoped(gateway, principal);
  const handler = httpHandler({ gateway, logger, authenticator, gatewayFor, ...more } as HttpDependencies);
  const listener = await listen({ handler });
  return { url: listener.url, close: () => listener.close({ graceMs: 1000 }) };
}

/** A host in this process whose profiles are ways to spawn, each with a backend of its own that gets its name as an option. */
export async function inProcessHost(
  spawns: readonly string[],
  backendOf: (logger: Logger, spawn: string) => ExecutionBackend,
  { secret, ...more }: Partial<RuntimeOptions> & { readonly secret: string },
): Promise<InProcessHost> {
  const logger = recordingLogger();
  const deadlines = { spawnMs: 2000, recoverMs: 2000, cancelMs: 200, stopGraceMs: 100, stopSettleMs: 100 };
  const profileOf = (spawn: string) => ({
    label: spawn,
    backend: backendOf(logger, spawn),
    options: { spawn, secret },
    deadlines,
  });
  const runtime = createRuntime({
    logger,
    ...more,
    profiles: {
      ...Object.fromEntries(spawns.map((spawn) => [spawn, profileOf(spawn)])),
      planned: { label: 'planned', backend: null },
    },
  });
  const { url, close } = await serveGateway(runtime, logger);
  return {
    url,
    token: hostToken,
    logged: () => logger.lines.map((line) => inspect(line, { depth: 10, breakLength: Infinity })).join('\n'),
    async [Symbol.asyncDispose]() {
      await close();
      await runtime[Symbol.asyncDispose]();
    },
  };
}
