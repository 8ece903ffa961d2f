import { setTimeout } from 'node:timers/promises';

import type { ProgramDependencies } from '../../adapters/execution-backend/process/index.js';
import { programEnvironment, startProgram, streamTransport } from '../../adapters/execution-backend/process/index.js';
import type { SubprocessOptions } from '../../adapters/execution-backend/subprocess/index.js';
import { subprocessBackend } from '../../adapters/execution-backend/subprocess/index.js';
import type { ExecutionBackendHarness } from '../../contracts/execution-backend/harness.js';
import type { ExecutionBackend } from '../../ports/execution-backend.js';
import { canFindMarked, markedProcesses, markVariable } from './marked-processes.js';
import type { ProgramLog } from './program-log.js';
import type { ProgramGroup, StartedPrograms } from './started-programs.js';

export type ProgramSource = Pick<SubprocessOptions, 'command' | 'args' | 'channel' | 'isolation' | 'startMs'> & {
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
};

export interface ProgramRun {
  readonly programs: StartedPrograms;
  readonly log: ProgramLog;
}

const pollMs = 50;

/** What still carries this mark, once what is about to end had the time to. */
async function leftoversOf(mark: string, withinMs: number): Promise<readonly string[]> {
  const find = () => markedProcesses((other) => other === mark);
  for (let waitedMs = 0; find().length > 0 && waitedMs < withinMs; waitedMs += pollMs) await setTimeout(pollMs);
  return find().map(({ pid, command }) => `process ${pid}: ${command}`);
}

export interface StartedBackends {
  /** A backend whose programs carry these variables and are told to this register. */
  readonly start: (env: Readonly<Record<string, string>>, dependencies: ProgramDependencies) => ExecutionBackend;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/** Fresh backends whose executions are programs: each can be killed, and what it leaves is found. */
export function startedBackends(
  { start, graceMs }: StartedBackends,
  { programs, log }: ProgramRun,
): Pick<ExecutionBackendHarness, 'create' | 'crash' | 'leftovers'> {
  const groups = new WeakMap<ExecutionBackend, ProgramGroup>();
  return {
    create: () => {
      const group = programs.group();
      const backend = start({ [markVariable]: group.mark }, { logger: log, register: group.register });
      groups.set(backend, group);
      return Promise.resolve(backend);
    },
    crash: (backend) => {
      groups.get(backend)?.kill();
      return Promise.resolve();
    },
    ...(canFindMarked() && {
      leftovers: (backend) => leftoversOf(groups.get(backend)?.mark ?? '', graceMs),
    }),
  };
}

/** How a program that speaks EBP is provoked: each backend is a fresh one, and each connection a fresh program. */
export function programHarness(
  source: ProgramSource,
  said: Omit<ExecutionBackendHarness, 'create'>,
  run: ProgramRun,
): ExecutionBackendHarness {
  const { command, args, channel, graceMs } = source;
  const { programs, log } = run;
  return {
    ...said,
    ...startedBackends(
      { start: (env, dependencies) => subprocessBackend({ ...source, env }, dependencies), graceMs },
      run,
    ),
    wire: () => {
      const group = programs.group();
      const environment = { ...programEnvironment({ [markVariable]: group.mark }), WORKPORT_BACKEND: '1' };
      const options = { command, args, channel, environment };
      const program = startProgram(options, { logger: log, register: group.register });
      const transport = streamTransport(program.output, program.input);
      // It is over with the program and all that holds its output, not when this end has nothing more to say.
      const closed = new Promise<void>((resolve) => program.output.once('close', resolve).once('end', resolve));
      return Promise.resolve({
        connect: () => Promise.resolve({ ...transport, closed }),
        async [Symbol.asyncDispose]() {
          transport.close();
          await program.end('disposed', graceMs);
        },
      });
    },
  };
}
