import { httpHandler } from '../../../src/adapters/browser-gateway/http/index.js';
import type { HttpHandler } from '../../../src/adapters/browser-gateway/http/index.js';
import { createRuntime, scoped } from '../../../src/index.js';
import { gameBackend } from '../contracts/gateway-harness.js';
import { everything } from '../http.js';
import { recordingLogger } from '../recording-logger.js';

import type { Known } from './request-arbitrary.js';

export interface FuzzHost extends AsyncDisposable {
  readonly handler: HttpHandler;
  readonly known: Known;
  /** What operators were told of defects: it stays empty. */
  readonly logger: ReturnType<typeof recordingLogger>;
}

/** A Runtime behind the browser API, with Workers that rest, run, wait for an answer, and are stopped. */
export async function fuzzHost(): Promise<FuzzHost> {
  const logger = recordingLogger();
  const runtime = createRuntime({
    profiles: { game: { label: 'Game', backend: gameBackend() } },
    limits: { workers: 24 },
  });
  const { runtimeId } = runtime;
  const workerIds: string[] = [];
  for (const heard of ['hello', 'hold', 'ask', 'hello']) {
    const parts = [{ type: 'text', text: heard }] as const;
    const made = await runtime.execute({ type: 'create', runtimeId, profile: 'game', input: { parts } });
    if (made.outcome !== 'accepted') throw new Error(`no Worker: ${made.outcome}`);
    workerIds.push(made.worker.workerId);
  }
  const handler = httpHandler({
    gateway: runtime,
    logger,
    authenticator: {
      authenticate: (token) => Promise.resolve(token === 'good' ? { principal: everything } : undefined),
    },
    gatewayFor: (principal) => scoped(runtime, principal),
    options: { inputsPerMinute: 1_000_000, bodyTimeoutMs: 2_000 },
  });
  return {
    handler,
    logger,
    known: { runtimeId, workerIds },
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  };
}
