import { ContainerModule } from 'inversify';
import { WebSocket } from 'ws';

import { browserClient } from '../../adapters/browser-gateway/client/index.js';
import { RuntimeId } from '../../domain/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { CreationRecord } from '../../ports/creation-record.js';
import type { Logger } from '../../ports/logger.js';
import { mountRuntime } from '../../runtime/mount-runtime.js';
import type { MountedRuntime } from '../mounted-runtime.js';
import { tokens } from '../tokens.js';

export interface MountedRuntimeOptions {
  /** The base of its host, as `https://host:7420`. */
  readonly url: string;
  /** What it is called there. `local`. */
  readonly remoteId?: string | undefined;
  /** The token of this host there, or what gives it: asked for each request. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
}

/** A Runtime of another host, called `name` here. All streams of it go over one WebSocket. */
export const mountedRuntimeModule = (name: string, options: MountedRuntimeOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.mountedRuntime)
      .toResolvedValue(
        (logger: Logger, clock: Clock, record: CreationRecord | undefined): MountedRuntime => {
          const { url, token, remoteId = 'local' } = options;
          const runtimeId = RuntimeId(name);
          const client = browserClient({ url, token, clock, WebSocket });
          const gateway = mountRuntime(client, { runtimeId, remoteId: RuntimeId(remoteId), record, logger, clock });
          return { runtimeId, gateway, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
        },
        [tokens.logger, tokens.clock, { serviceIdentifier: tokens.creationRecord, optional: true }],
      )
      .inSingletonScope();
  });
