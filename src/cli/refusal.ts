import type { LogFolderProblem } from '../adapters/worker-log/embedded/index.js';
import { LogFolderError } from '../adapters/worker-log/embedded/index.js';
import { ConfigError } from '../composition/config/config-error.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';
import type { ServeOptions } from './serve-command.js';

export interface Refusal {
  readonly lines: readonly string[];
  readonly code: ExitCode;
}

const failed = (line: string): Refusal => ({ lines: [line], code: exitCodes.failed });
const misused = (line: string): Refusal => ({ lines: [line], code: exitCodes.usage });

function unboundRefusal(code: string | undefined, { host, port }: ServeOptions): Refusal | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return failed(`port ${port} of ${host} is in use: choose another with --port, or any free one with --port 0`);
    case 'EACCES':
      return failed(`port ${port} may not be used by this user: choose one above 1023 with --port`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return misused(`--host ${host} is no address of this machine: leave it out for 127.0.0.1`);
    default:
      return undefined;
  }
}

/** What to do about a folder that cannot be used. */
const folderAdvice: Readonly<Record<LogFolderProblem, string>> = {
  'in-use': 'end it, or name another folder with --data',
  'newer-format': 'serve it with that version, or name another folder with --data',
  damaged: '`workport doctor` tells what of it can be read, and repairs that into a copy',
  unwritable: 'see that this user may write it and that the disk has room, or name another folder with --data',
};

/** Why a host does not start, in words for who started it. */
export function refusalOf(cause: unknown, options: ServeOptions): Refusal {
  if (cause instanceof ConfigError) return { lines: cause.lines, code: exitCodes.usage };
  if (cause instanceof LogFolderError) return failed(`${cause.message}: ${folderAdvice[cause.problem]}`);
  if (!(cause instanceof Error)) return failed(String(cause));
  return unboundRefusal((cause as NodeJS.ErrnoException).code, options) ?? failed(cause.message);
}
