import { describe, expect, onTestFinished, test } from 'vitest';

import { canFindMarked } from '../../src/cli/check/marked-processes.js';
import { programHarness } from '../../src/cli/check/program-harness.js';
import { ProgramLog } from '../../src/cli/check/program-log.js';
import { StartedPrograms } from '../../src/cli/check/started-programs.js';
import { wordInputs } from '../../src/contracts/execution-backend/word-inputs.js';
import { RecordingPublisher } from '../../src/contracts/recording-publisher.js';
import { Generation, WorkerId } from '../../src/domain/ids.js';
import type { ExecutionBackend } from '../../src/ports/execution-backend.js';
import { programPath } from '../support/programs.js';

const { signal } = new AbortController();
const daemon = programPath('../check/leaves-a-daemon.mjs');

function harnessFor(path: string) {
  const programs = new StartedPrograms();
  onTestFinished(() => programs[Symbol.asyncDispose]());
  const run = { programs, log: new ProgramLog() };
  const source = { command: process.execPath, args: [path, 'of-the-harness'], graceMs: 500 };
  return { harness: programHarness(source, { inputs: wordInputs() }, run), ...run };
}

async function spawned(backend: ExecutionBackend) {
  const publisher = new RecordingPublisher({
    workerId: WorkerId(crypto.randomUUID()),
    generation: Generation(1),
  });
  const { workerId, generation } = publisher;
  const request = { workerId, generation, profile: { name: 'contract', options: {} } };
  expect(await backend.spawn(request, publisher, { signal })).toMatchObject({ outcome: 'connected' });
  return publisher;
}

describe('the harness of a program', () => {
  test('crashes the programs of one backend, and of no other', async () => {
    const { harness } = harnessFor(programPath('scripted-backend.mjs'));
    const [one, other] = [await harness.create({ signal }), await harness.create({ signal })];
    const [crashed, alive] = [await spawned(one), await spawned(other)];
    await harness.crash?.(one, crashed);
    await crashed.until(() => crashed.exits.length > 0, AbortSignal.timeout(20_000), 'disconnect');
    expect(alive.exits).toEqual([]);
  });

  test('gives the wire of a fresh program, to which nobody has spoken', async () => {
    const { harness, log } = harnessFor(programPath('scripted-backend.mjs'));
    const wire = await harness.wire?.({ signal });
    const connection = await wire?.connect();
    const answered = new Promise<string>((resolve) => connection?.start((chunk) => resolve(String(chunk))));
    const params = { protocolVersions: [1], host: { name: 'test', version: '1' }, limits: {}, graceMs: 0 };
    void connection?.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
    expect(JSON.parse(await answered)).toMatchObject({ id: 1, result: { protocolVersion: 1 } });
    await wire?.[Symbol.asyncDispose]();
    await connection?.closed;
    expect(log.lastExit).toEqual({ kind: 'code', value: 0 });
  });

  test.skipIf(!canFindMarked())('finds what still runs of a disposed backend, and of no other', async () => {
    const { harness, log } = harnessFor(daemon);
    const [one, other] = [await harness.create({ signal }), await harness.create({ signal })];
    await spawned(one);
    await Promise.all([one, other].map((backend) => backend[Symbol.asyncDispose]()));
    expect(await harness.leftovers?.(one)).toEqual([expect.stringMatching(/^process \d+: .*of-the-harness$/)]);
    expect(await harness.leftovers?.(other)).toEqual([]);
    expect(log.take()).toEqual(['a daemon was started']);
  });
});

test('what programs say is kept bounded: the last twenty lines, each cut', () => {
  const log = new ProgramLog();
  for (let number = 1; number <= 30; number += 1) log.info('program stderr', { line: `${number}`.padEnd(1_000, '.') });
  const lines = log.take();
  expect(lines).toHaveLength(20);
  expect(lines[0]).toMatch(/^11\.{398}…$/);
  expect(log.take()).toEqual([]);
});
