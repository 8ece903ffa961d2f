import {
  inMemoryBackend,
  type InMemoryBackend,
} from '../../src/adapters/execution-backend/in-memory/in-memory-backend.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf, type ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import type { ExecutionBackend } from '../../src/ports/execution-backend.js';
import { recoverableHarness, scriptedBackend, timedHarness } from '../support/contracts/generator-harness.js';
import { servedWire } from '../support/contracts/served-wire.js';
import { vitestRunner } from '../support/contracts/vitest-runner.js';

const linked = new Map<ExecutionBackend, InMemoryBackend>();

/** Behind the wire every backend can be recovered: its serving end keeps what was not recorded. */
const harness: ExecutionBackendHarness = {
  ...recoverableHarness,
  ...timedHarness(({ clock, open }) => {
    const backend = inMemoryBackend(scriptedBackend({ clock, open }), { clock });
    linked.set(backend, backend);
    return backend;
  }),
  cut: async (backend) => {
    linked.get(backend)?.cut();
    await linked.get(backend)?.join();
  },
  wire: () => Promise.resolve(servedWire(scriptedBackend())),
  reconnects: true,
  manyWorkers: true,
};

register(executionBackendContract(harness), vitestRunner, capabilitiesOf(harness));
