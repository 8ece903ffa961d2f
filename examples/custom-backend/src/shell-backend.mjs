// #region backend
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { failed, generatorBackend, output } from 'workport';

/**
 * The folder that the profile names. A throw refuses the Worker; its text goes to the operator's log.
 * @param {{ profile: { options: unknown } }} request
 */
async function folderOf({ profile: { options } }) {
  const folder = options instanceof Object && 'folder' in options ? String(options.folder) : '.';
  if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`);
  return { folder };
}

/** Runs each input as a command of a shell. What it prints to stderr is the operator's. */
export const shellBackend = () =>
  generatorBackend({
    id: 'shell',
    codes: ['command-failed'],
    start: folderOf,
    async *run({ parts }, { session, signal }) {
      const command = parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
      const shell = spawn('sh', ['-c', command], {
        cwd: session.folder,
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = new Promise((resolve) => shell.once('close', resolve).once('error', () => resolve(-1)));
      const end = () => endGroup(shell);
      signal.addEventListener('abort', end, { once: true });
      try {
        for await (const line of createInterface(shell.stdout)) yield output(`${line}\n`);
        if ((await closed) !== 0) throw failed('command-failed');
      } finally {
        end();
      }
    },
  });

/**
 * The shell leads a group of its own: whatever it started ends with it.
 * @param {{ pid?: number | undefined }} shell
 */
function endGroup({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
// #endregion backend
