import { createRuntime } from 'workport';
import { subprocessBackend } from 'workport/backends/subprocess';
import { program } from './ends.mjs';

/** A program of `bench/programs` as a backend. */
export const subprocess = (name) => subprocessBackend({ command: process.execPath, args: [program(name)] });

/** A Runtime with one profile, `bench`, of this backend, and one Worker of it. */
export async function benchWorker(backend, limits = {}) {
  const runtime = createRuntime({ profiles: { bench: { label: 'Bench', backend } }, limits });
  await runtime.ready();
  const created = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'bench' });
  if (created.outcome !== 'accepted') throw new Error(`not created: ${JSON.stringify(created)}`);
  const worker = { runtimeId: runtime.runtimeId, workerId: created.worker.workerId };
  return { runtime, worker, cursor: created.worker.lastCursor };
}
