import { onTestFinished } from 'vitest';

import { sessionAuthenticator } from '../../../src/adapters/authenticator/session/index.js';
import { hashToken, tokenAuthenticator } from '../../../src/adapters/authenticator/token/index.js';
import { consoleAssets } from '../../../src/adapters/browser-gateway/console/index.js';
import { httpHandler, listen } from '../../../src/adapters/browser-gateway/http/index.js';
import { authenticators, createRuntime, inMemoryLog } from '../../../src/index.js';
import type {
  BrowserGateway,
  Logger,
  Principal,
  Runtime,
  RuntimeOptions,
  Sessions,
  WorkerLog,
  WorkerRef,
} from '../../../src/index.js';
import { network } from '../network.js';
import type { Network } from '../network.js';
import { expectAccepted, ref, runtimeId, textPart } from '../runtime.js';

import { gate, player } from './player.js';
import type { Gate } from './player.js';

export const token = 'test-access-token';
export const somebody: Principal = { id: 'access', scopes: ['read', 'input', 'control'] };

export interface ConsoleHostOptions {
  readonly profiles?: RuntimeOptions['profiles'];
  readonly limits?: RuntimeOptions['limits'];
  readonly displayName?: string;
  /** Where another host was before. */
  readonly port?: number;
  readonly log?: WorkerLog;
  readonly sessions?: Sessions;
  readonly logger?: Logger;
  /** What is served, where that is more than its Runtime. */
  readonly around?: (runtime: Runtime) => BrowserGateway;
}

interface NewWorker {
  readonly profile?: string;
  readonly displayName?: string;
  readonly text?: string;
}

/** A host with the console, in this process. */
export interface ConsoleHost extends AsyncDisposable {
  readonly port: number;
  readonly runtime: Runtime;
  readonly sessions: Sessions;
  /** What its `player` waits at. */
  readonly gate: Gate;
  /** A code that opens a session, good once. */
  code(): string;
  create(worker?: NewWorker): Promise<WorkerRef>;
}

/** Its profile `player` plays what it is asked for, `placeholder` has no backend. */
export async function consoleHost(options: ConsoleHostOptions = {}): Promise<ConsoleHost> {
  const opened = gate();
  const { displayName, limits, logger, log = inMemoryLog(), sessions = sessionAuthenticator(), port = 0 } = options;
  const profiles = options.profiles ?? {
    player: { label: 'Player', description: 'Plays what it is asked for', backend: player(opened) },
    placeholder: { label: 'Placeholder', backend: null },
  };
  const runtime = createRuntime({ profiles, limits, log, logger, ...(displayName !== undefined && { displayName }) });
  const gateway = options.around?.(runtime) ?? runtime;
  const tokens = tokenAuthenticator([{ name: somebody.id, sha256: hashToken(token), scopes: somebody.scopes }]);
  const handler = httpHandler({
    gateway,
    authenticator: authenticators([tokens, sessions]),
    sessions,
    gatewayFor: () => gateway,
    assets: consoleAssets(),
    options: { hosts: ['127.0.0.1'] },
  });
  const listener = await listen({ handler, port });
  return {
    port: listener.port,
    runtime,
    sessions,
    gate: opened,
    code: () => sessions.issueCode({ principal: somebody }),
    async create({ profile = 'player', displayName: name, text } = {}) {
      const named = name === undefined ? {} : { displayName: name };
      const input = text === undefined ? {} : { input: { parts: textPart(text) } };
      const created = await runtime.execute({ type: 'create', runtimeId, profile, ...named, ...input });
      return ref(expectAccepted(created).worker.workerId);
    },
    async [Symbol.asyncDispose]() {
      await listener.close({ graceMs: 0 });
      await runtime[Symbol.asyncDispose]();
    },
  };
}

export interface ServedConsole {
  readonly host: ConsoleHost;
  readonly between: Network;
}

/** A host and a network to it, both gone when the test is. */
export async function servedConsole(options: ConsoleHostOptions = {}): Promise<ServedConsole> {
  const host = await consoleHost(options);
  onTestFinished(() => host[Symbol.asyncDispose]());
  const between = await network(host.port);
  onTestFinished(() => between[Symbol.asyncDispose]());
  return { host, between };
}
