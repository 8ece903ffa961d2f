import { afterAll } from 'vitest';

import { programHarness, type ProgramSource } from '../../../src/cli/check/program-harness.js';
import { ProgramLog } from '../../../src/cli/check/program-log.js';
import { StartedPrograms } from '../../../src/cli/check/started-programs.js';
import type { ExecutionBackendHarness } from '../../../src/contracts/execution-backend/harness.js';

export type ContractProgram = Pick<ProgramSource, 'command' | 'args' | 'channel' | 'isolation'>;

/** What of a harness a program does not bring by being one. */
export type SaidOfProgram = Omit<ExecutionBackendHarness, 'create' | 'crash' | 'wire' | 'reconnects'>;

/** A program that speaks EBP on its stdio, provoked as `workport check` does. Called where the tests are registered. */
export function harnessOfProgram(program: ContractProgram, said: SaidOfProgram): ExecutionBackendHarness {
  const programs = new StartedPrograms();
  afterAll(() => programs[Symbol.asyncDispose]());
  return programHarness({ ...program, graceMs: 500 }, { timing: 4, ...said }, { programs, log: new ProgramLog() });
}
