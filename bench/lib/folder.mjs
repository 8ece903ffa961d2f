import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, into which nobody else may look, for as long as `use` takes. */
export async function inFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), 'workport-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
