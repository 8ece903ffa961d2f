import type { HttpDependencies, HttpListener, ListenOptions } from '../../src/adapters/browser-gateway/http/index.js';
import { httpHandler, listen } from '../../src/adapters/browser-gateway/http/index.js';
import type { Authenticator } from '../../src/ports/authenticator.js';

import type { FrameSource } from './frames.js';
import { everything } from './http.js';
import { recordingLogger } from './recording-logger.js';
import { runtimeId, scriptedGateway, workerId } from './scripted-gateway.js';
import type { Script } from './scripted-gateway.js';
import { socketClient } from './socket-client.js';
import type { SocketClient, SocketClientOptions } from './socket-client.js';
import { virtualClock } from './virtual-clock.js';
import type { VirtualClock } from './virtual-clock.js';

export interface SocketServer extends AsyncDisposable {
  readonly listener: HttpListener;
  readonly clock: VirtualClock;
  readonly logger: ReturnType<typeof recordingLogger>;
  connect(options?: SocketClientOptions): Promise<SocketClient>;
}

export interface SocketServerOptions {
  readonly script?: Script;
  readonly authenticate?: Authenticator['authenticate'];
  readonly options?: HttpDependencies['options'];
  readonly listening?: Partial<ListenOptions>;
}

/** Subscribes to the Worker of the scripted gateway. */
export const subscribe = (id: string, more: object = {}): object => ({
  type: 'subscribe',
  id,
  runtimeId,
  workerId,
  ...more,
});
export const unsubscribe = (id: string): object => ({ type: 'unsubscribe', id });

/** Every observer gets a source of its own, in their order. */
export function oneByOne(sources: readonly FrameSource[]): Script {
  const left = [...sources];
  return {
    observe(from, signal) {
      const source = left.shift();
      if (!source) throw new Error('one observer too many');
      return source.observe(from, signal);
    },
  };
}

/** A listener in virtual time; with an authenticator where `authenticate` is given. */
export async function socketServer({
  script,
  authenticate,
  options,
  listening,
}: SocketServerOptions = {}): Promise<SocketServer> {
  const clock = virtualClock();
  const logger = recordingLogger();
  const gateway = scriptedGateway(script);
  const access = authenticate && { authenticator: { authenticate }, gatewayFor: () => gateway };
  const handler = httpHandler({ gateway, clock, logger, options, ...access });
  const listener = await listen({ handler, ...listening });
  return {
    listener,
    clock,
    logger,
    connect: (more) => socketClient(listener.url, more),
    [Symbol.asyncDispose]: () => listener.close({ graceMs: 0 }),
  };
}

/** Knows one token, `good`. */
export const knowsGood: Authenticator['authenticate'] = (token) =>
  Promise.resolve(token === 'good' ? { principal: everything } : undefined);
