import { subprocessBackend } from '../../src/adapters/execution-backend/subprocess/index.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { register } from '../../src/contracts/register.js';
import type { ExecutionBackend } from '../../src/ports/execution-backend.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import { programPath } from '../support/programs.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';

const groups = new Map<ExecutionBackend, number[]>();

const isRunning = (group: number): boolean => {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
};

const harness: ExecutionBackendHarness = {
  ...scriptedHarness,
  create: () => {
    const started: number[] = [];
    const register = {
      add: (pid: number) => {
        started.push(pid);
        return Promise.resolve(() => Promise.resolve());
      },
      sweep: () => Promise.resolve(0),
    };
    const backend = subprocessBackend(
      { command: process.execPath, args: [programPath('scripted-backend.mjs')], graceMs: 500 },
      { register },
    );
    groups.set(backend, started);
    return Promise.resolve(backend);
  },
  crash: (backend) => {
    for (const group of groups.get(backend) ?? []) process.kill(-group, 'SIGKILL');
    return Promise.resolve();
  },
  leftovers: (backend) =>
    Promise.resolve((groups.get(backend) ?? []).filter(isRunning).map((group) => `process group ${group}`)),
  timing: 4,
};

register(executionBackendContract(harness), concurrentRunner, capabilitiesOf(harness));
