import { createRuntime } from 'workport';
import { subprocessBackend } from 'workport/backends/subprocess';
import { program } from './child.mjs';

/** A Runtime with one profile, `bench`, whose backend is a program of `bench/programs`, and one Worker of it. */
export async function benchWorker(name, limits = {}) {
  const backend = subprocessBackend({ command: process.execPath, args: [program(name)] });
  const runtime = createRuntime({ profiles: { bench: { label: 'Bench', backend } }, limits });
  await runtime.ready();
  const created = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'bench' });
  if (created.outcome !== 'accepted') throw new Error(`not created: ${JSON.stringify(created)}`);
  const worker = { runtimeId: runtime.runtimeId, workerId: created.worker.workerId };
  return { runtime, worker, cursor: created.worker.lastCursor };
}
