import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, describe, test } from 'vitest';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { wordInputs } from '../../src/contracts/execution-backend/word-inputs.js';
import { register } from '../../src/contracts/register.js';
import { harnessOfProgram, type ContractProgram } from '../support/contracts/program-harness.js';
import { isOnTheMachine } from '../support/is-on-the-machine.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';

const execute = promisify(execFile);
const source = (path: string): string => fileURLToPath(new URL(`../../examples/backends/${path}`, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'workport-languages-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function goProgram(): Promise<ContractProgram> {
  const command = join(folder, 'backend');
  await execute('go', ['build', '-o', command, '.'], { cwd: source('go') });
  return { command };
}

function judge(program: ContractProgram): void {
  const harness = harnessOfProgram(program, {
    inputs: wordInputs(),
    capabilities: { cancel: true, stop: true, questions: true },
    manyWorkers: true,
    refusedProfile: { name: 'refused', options: {} },
  });
  register(executionBackendContract(harness), concurrentRunner, capabilitiesOf(harness));
}

const python = (await isOnTheMachine('python3', '--version')) && {
  command: 'python3',
  args: [source('python/backend.py')],
};
const go = (await isOnTheMachine('go', 'version')) && (await goProgram());

describe('the backend in Python', () => {
  if (python) judge(python);
  else test.skip('keeps the contract [needs python3]');
});

describe('the backend in Go', () => {
  if (go) judge(go);
  else test.skip('keeps the contract [needs go]');
});
