import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, describe, expect, onTestFinished, test } from 'vitest';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../src/contracts/execution-backend/harness.js';
import { wordInputs } from '../../src/contracts/execution-backend/word-inputs.js';
import { register } from '../../src/contracts/register.js';
import { harnessOfProgram, type ContractProgram } from '../support/contracts/program-harness.js';
import { isOnTheMachine } from '../support/is-on-the-machine.js';
import { concurrentRunner } from '../support/contracts/vitest-runner.js';

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

const execute = promisify(execFile);
const source = (path: string): string => fileURLToPath(new URL(`../../examples/backends/${path}`, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'workport-languages-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function goProgram(): Promise<ContractProgram> {
  const command = join(folder, 'backend');
  await execute('go', ['build', '-o', command, '.'], { cwd: source('go') });
  return { command };
}

/** What the program answers to lines, each of which changes nothing unless it is read wrongly. */
async function answersOf(
  { command, args = [] }: ContractProgram,
  lines: readonly object[],
): Promise<readonly Answer[]> {
  const program = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void program.kill('SIGKILL'));
  const answers: Answer[] = [];
  const isOver = new Promise<void>((resolve) => {
    createInterface(program.stdout).on('line', (line) => {
      answers.push(JSON.parse(line) as Answer);
      if (answers.at(-1)?.id === 'last') resolve();
    });
  });
  const initialize = { id: 'first', method: 'initialize', params: { protocolVersions: [1], limits: {}, graceMs: 0 } };
  for (const line of [initialize, ...lines, { id: 'last', method: 'worker/unheard-of', params: {} }])
    program.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`);
  await isOver;
  return answers;
}

function judge(program: ContractProgram): void {
  test('E2: params of a wrong form are answered once, by an error, and nothing is done', async () => {
    const named = { workerId: 'one', generation: 1 };
    const answers = await answersOf(program, [
      { id: 'spawn', method: 'worker/spawn', params: { ...named, profile: { name: 'any', options: {} } } },
      { id: 'stop', method: 'worker/stop', params: { ...named, graceMs: 'soon' } },
      { id: 'answer', method: 'worker/answer', params: { ...named, questionId: 'any', answer: 'yes' } },
      {
        id: 'input',
        method: 'worker/input',
        params: { ...named, inputId: 'any', parts: [{ type: 'text', text: '' }] },
      },
    ]);
    const told = (id: string) => answers.filter((each) => each.id === id).map(({ result, error }) => result ?? error);
    expect(told('stop')).toEqual([expect.objectContaining({ code: -32602 })]);
    expect(told('input')).toEqual([{ outcome: 'accepted' }]);
  });
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
