import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { nodeArgs, peerProgram } from '../lib/ends.mjs';

const node = fileURLToPath(new URL('node_modules/node24/bin/node', import.meta.url));

/** Rows per second, one transaction each; `lines` are their JSON. In a process of its own: `node:sqlite` is of Node 24. */
export async function insertedRows(folder, lines, workers) {
  const file = join(folder, 'lines');
  await writeFile(file, lines.join('\n'));
  const args = nodeArgs(peerProgram('sqlite-log.mjs'), join(folder, 'database'), file, String(workers));
  const { stdout } = await promisify(execFile)(node, ['--no-warnings', ...args]);
  return Number(stdout);
}
