import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { fileCreationRecord } from '../../../src/adapters/creation-record/file/index.js';
import type { CreationRecord } from '../../../src/ports/creation-record.js';
import { RuntimeId, WorkerId } from '../../../src/domain/ids.js';
import { recordingLogger } from '../../support/recording-logger.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const ref = (index: number) => ({
  runtimeId: RuntimeId('far'),
  workerId: WorkerId(`0190d1b2-1111-7000-8000-${String(index).padStart(12, '0')}`),
});
const newPath = async (): Promise<string> => join(await temporaryFolder(), 'creators');

async function opened(path: string): Promise<CreationRecord> {
  const record = fileCreationRecord(path);
  await record.open();
  return record;
}

describe('a creation record in a file', () => {
  it('knows after a restart who created what, and who is gone', async () => {
    const path = await newPath();
    {
      await using record = await opened(path);
      await Promise.all([1, 2, 3].map((index) => record.add(ref(index), `p${index}`)));
      await record.remove(ref(2));
    }
    await using again = await opened(path);
    expect([1, 2, 3, 4].map((index) => again.creatorOf(ref(index)))).toEqual(['p1', undefined, 'p3', undefined]);
    expect(again.creatorOf({ ...ref(1), runtimeId: RuntimeId('other') })).toBeUndefined();
  });

  it('has what it answered on the disk', async () => {
    const path = await newPath();
    await using record = await opened(path);
    await record.add(ref(1), 'ann');
    expect(await readFile(path, 'utf8')).toContain('ann');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('leaves out a line that a crash has cut, and goes on after it', async () => {
    const path = await newPath();
    {
      await using record = await opened(path);
      await record.add(ref(1), 'ann');
      await appendFile(path, '\n{"runtimeId":"far","work');
      await record.add(ref(2), 'bob');
    }
    await using again = await opened(path);
    expect([again.creatorOf(ref(1)), again.creatorOf(ref(2))]).toEqual(['ann', 'bob']);
  });

  it('R4: keeps what it cannot read beside it, and says so', async () => {
    const path = await newPath();
    const damaged = '\n{"runtimeId":"far","workerId":"\u0000\u0000';
    {
      await using record = await opened(path);
      await record.add(ref(1), 'ann');
      await appendFile(path, damaged);
      await record.add(ref(2), 'bob');
    }
    const logger = recordingLogger();
    const record = fileCreationRecord(path, { logger });
    await record.open();
    await record[Symbol.asyncDispose]();
    expect(await readFile(path, 'utf8')).not.toContain(damaged);
    expect(await readFile(`${path}.damaged`, 'utf8')).toContain(damaged);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { lines: 1, kept: `${path}.damaged` } }]);
  });

  it('is rewritten at the start: those that are gone take no room', async () => {
    const path = await newPath();
    {
      await using record = await opened(path);
      for (let index = 0; index < 50; index += 1) {
        await record.add(ref(index), 'ann');
        await record.remove(ref(index));
      }
    }
    await using again = await opened(path);
    expect(await readFile(path, 'utf8')).toBe('');
    expect(again.creatorOf(ref(1))).toBeUndefined();
  });

  it('rejects where there is no folder for it', async () => {
    await expect(opened(join(await temporaryFolder(), 'nowhere', 'creators'))).rejects.toThrow('ENOENT');
  });
});
