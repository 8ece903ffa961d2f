import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, onTestFinished } from 'vitest';

/** A folder that is gone when the test is. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'workport-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const ofSuites: string[] = [];
afterAll(async () => {
  for (const folder of ofSuites.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** For `beforeAll`: a folder that is gone when the suite is. */
export async function suiteFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'workport-suite-'));
  ofSuites.push(folder);
  return folder;
}
