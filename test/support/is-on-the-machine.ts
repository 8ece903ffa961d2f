import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Whether a program can be run here: tests that need it are skipped where it is not, and say so. */
export const isOnTheMachine = (command: string, ...args: readonly string[]): Promise<boolean> =>
  execute(command, args).then(
    () => true,
    () => false,
  );
