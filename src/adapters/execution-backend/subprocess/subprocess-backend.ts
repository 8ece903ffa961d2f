import { BackendId } from '../../../domain/ids.js';
import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import type { ProgramDependencies } from '../process/index.js';
import { programBackend, programEnvironment } from '../process/index.js';
import type { SubprocessOptions } from './options.js';

/**
 * A backend whose Workers are programs that speak EBP. A program that cannot be started, dies or is silent before it
 * has answered refuses the spawn with `backend-unavailable`; one that dies later disconnects its Workers.
 * `register` keeps account of the programs, so that the next start of the host can end what this one left behind.
 */
export function subprocessBackend(
  options: SubprocessOptions,
  dependencies: ProgramDependencies = {},
): ExecutionBackend {
  const { command, args, env, cwd, channel = 'stdio' } = options;
  if (command === '') throw new TypeError('a subprocess backend needs a command');
  return programBackend(
    {
      id: BackendId(options.id ?? 'subprocess'),
      isolation: options.isolation ?? 'worker',
      startMs: options.startMs ?? 10_000,
      graceMs: options.graceMs ?? 5000,
      program: () => ({
        command,
        args,
        cwd,
        channel,
        environment: { ...programEnvironment(env), WORKPORT_BACKEND: '1' },
      }),
    },
    dependencies,
  );
}
