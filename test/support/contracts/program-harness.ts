import {
  programEnvironment,
  startProgram,
  streamTransport,
} from '../../../src/adapters/execution-backend/process/index.js';
import { subprocessBackend } from '../../../src/adapters/execution-backend/subprocess/index.js';
import type {
  ExecutionBackendHarness,
  WireConnection,
  WireUnderTest,
} from '../../../src/contracts/execution-backend/harness.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';

export interface ContractProgram {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
}

/** What of a harness a program does not bring by being one. */
export type ProgramHarness = Omit<ExecutionBackendHarness, 'create' | 'crash' | 'wire' | 'reconnects'>;

/** A program that is started and to which nobody has spoken. It has one connection, its stdio. */
export function programWire({ command, args }: ContractProgram): WireUnderTest {
  const environment = { ...programEnvironment(), WORKPORT_BACKEND: '1' };
  const program = startProgram({ command, args, environment });
  const { input, output } = program;
  // It is over with the program and all that holds its output, not when this end has nothing more to say.
  const closed = new Promise<void>((resolve) => output.once('close', resolve).once('end', resolve));
  const connection: WireConnection = { ...streamTransport(output, input), closed };
  return {
    connect: () => Promise.resolve(connection),
    [Symbol.asyncDispose]: async () => void (await program.end('disposed', 500)),
  };
}

/** A program that speaks EBP on its stdio, behind the host end of this project and by hand. */
export function programHarness(program: ContractProgram, harness: ProgramHarness): ExecutionBackendHarness {
  const groups = new WeakMap<ExecutionBackend, number[]>();
  return {
    timing: 4,
    ...harness,
    create: () => {
      const started: number[] = [];
      const add = (pid: number) => {
        started.push(pid);
        return Promise.resolve(() => Promise.resolve());
      };
      const register = { add, sweep: () => Promise.resolve(0) };
      const backend = subprocessBackend({ ...program, graceMs: 500 }, { register });
      groups.set(backend, started);
      return Promise.resolve(backend);
    },
    crash: (backend) => {
      for (const group of groups.get(backend) ?? []) process.kill(-group, 'SIGKILL');
      return Promise.resolve();
    },
    wire: () => Promise.resolve(programWire(program)),
  };
}
