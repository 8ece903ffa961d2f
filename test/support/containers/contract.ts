import { afterAll, beforeAll, test } from 'vitest';

import { socketHarness } from '../../../src/cli/check/socket-harness.js';
import { executionBackendContract } from '../../../src/contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../../src/contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../../src/contracts/execution-backend/harness.js';
import { register } from '../../../src/contracts/register.js';
import { nullLogger } from '../../../src/ports/logger.js';
import { scriptedHarness } from '../contracts/generator-harness.js';
import { concurrentRunner } from '../contracts/vitest-runner.js';
import { isDockerThere, startMs, sweep } from './engine.js';
import { workportImage } from './image.js';
import { startNetwork } from './network.js';
import { startServer } from './server.js';

type Harness = Required<Pick<ExecutionBackendHarness, 'create' | 'cut' | 'wire'>>;

/** What a case leaves at the server is ended so soon. */
const graceMs = 20_000;

/** Where no engine answers, every case is skipped for it. */
const skippingRunner = {
  test: (name: string): void => void test.skip(`${name} [needs docker]`),
  skip: concurrentRunner.skip,
};

/** A server in a container while the tests of this file run: each backend of a case is a connection of its own to it. */
function contained(scheme: 'tcp' | 'tls'): Harness {
  const started: AsyncDisposable[] = [];
  let harness: ExecutionBackendHarness | undefined;
  beforeAll(async () => {
    await sweep();
    const image = await workportImage();
    const network = await startNetwork();
    started.unshift(network);
    const server = await startServer({ image, network, scheme, module: 'contract-backend.mjs' });
    started.unshift(server);
    harness = socketHarness({ ...server.options, graceMs }, scriptedHarness, { logger: nullLogger });
  }, startMs);
  afterAll(async () => {
    for (const one of started) await one[Symbol.asyncDispose]();
  });
  const nobody = (): never => {
    throw new Error('no server was started');
  };
  return {
    create: (call) => harness?.create(call) ?? nobody(),
    cut: (backend) => harness?.cut?.(backend) ?? nobody(),
    wire: (call) => harness?.wire?.(call) ?? nobody(),
  };
}

/** Registers the suite for execution backends against one that is served in a container. */
export async function containedContract(scheme: 'tcp' | 'tls'): Promise<void> {
  const isThere = await isDockerThere();
  const none = (): never => {
    throw new Error('no engine answers');
  };
  const harness: ExecutionBackendHarness = {
    ...scriptedHarness,
    capabilities: { ...scriptedHarness.capabilities, recover: true },
    timing: 4,
    reconnects: true,
    manyWorkers: true,
    ...(isThere ? contained(scheme) : { create: none, cut: none, wire: none }),
  };
  register(executionBackendContract(harness), isThere ? concurrentRunner : skippingRunner, capabilitiesOf(harness));
}
