import { test } from 'vitest';

import {
  inMemoryBackend,
  type InMemoryBackend,
} from '../../src/adapters/execution-backend/in-memory/in-memory-backend.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf, type ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import type { ExecutionBackend } from '../../src/ports/execution-backend.js';
import { recoverableHarness, scriptedBackend } from '../support/contracts/generator-harness.js';

const linked = new Map<ExecutionBackend, InMemoryBackend>();

/** Behind the wire every backend can be recovered: its serving end keeps what was not recorded. */
const harness: ExecutionBackendHarness = {
  ...recoverableHarness,
  create: () => {
    const backend = inMemoryBackend(scriptedBackend());
    linked.set(backend, backend);
    return Promise.resolve(backend);
  },
  cut: async (backend) => {
    linked.get(backend)?.cut();
    await linked.get(backend)?.join();
  },
};

const runner = { test, skip: (name: string, reason: string) => test.skip(`${name} (${reason})`) };
register(executionBackendContract(harness), runner, capabilitiesOf(harness));
