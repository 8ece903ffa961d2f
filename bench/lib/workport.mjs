import assert from 'node:assert/strict';

import { createRuntime } from 'workport';
import { subprocessBackend } from 'workport/backends/subprocess';
import { nodeArgs, program } from './ends.mjs';

/** A program of `bench/programs` as a backend. */
export const subprocess = (name) => subprocessBackend({ command: process.execPath, args: nodeArgs(program(name)) });

/** A Runtime with one profile, `bench`, of this backend, and one Worker of it. It is to be disposed of. */
export async function benchWorker(backend, { log, limits } = {}) {
  const runtime = createRuntime({ log, limits, profiles: { bench: { label: 'Bench', backend } } });
  try {
    await runtime.ready();
    const { runtimeId } = runtime;
    const created = await runtime.execute({ type: 'create', runtimeId, profile: 'bench' });
    assert.equal(created.outcome, 'accepted', JSON.stringify(created));
    const { workerId, lastCursor } = created.worker;
    return { runtime, worker: { runtimeId, workerId }, cursor: lastCursor };
  } catch (error) {
    await runtime[Symbol.asyncDispose]();
    throw error;
  }
}
