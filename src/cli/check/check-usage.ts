import { ConfigError } from '../../composition/config/config-error.js';
import type { CheckCommandOptions } from '../check-command.js';

type Options = CheckCommandOptions;

/** Whether what is judged runs outside of this process. */
export const isOutside = ({ command, socket }: Options): boolean => command !== undefined || socket !== undefined;

/** What is said of a `--socket`, by the option of the backend that it gives. */
export const socketFlags = {
  keyFile: '--key-file',
  keyId: '--key-id',
  ca: '--ca',
  fingerprint: '--fingerprint',
  allowPlaintext: '--allow-plaintext',
} as const;
type SocketOption = keyof typeof socketFlags;

function targetProblem(module: string | undefined, options: Options): string | undefined {
  const { command, socket, port } = options;
  const named = [module, command, socket].filter((target) => target !== undefined);
  if (named.length > 1) return 'name one of these, not several: a module, a --command, a --socket';
  if (named.length === 0) return 'name a module, as ./my-backend.js, a --command or a --socket';
  if (!isOutside(options) || port === 'execution-backend') return undefined;
  return `--port ${port}: a ${command === undefined ? '--socket' : '--command'} is an execution-backend`;
}

function optionProblem(options: Options): string | undefined {
  const { command, socket, channel, isolation, concurrency, harness, port } = options;
  if (command === undefined && channel !== undefined) return '--channel is for a --command';
  if (command === undefined && isolation !== undefined) return '--isolation is for a --command';
  if (!isOutside(options) && concurrency !== undefined) return '--concurrency is for a --command or a --socket';
  const given = (Object.keys(socketFlags) as SocketOption[]).find((option) => options[option] !== undefined);
  if (socket === undefined && given !== undefined) return `${socketFlags[given]} is for a --socket`;
  if (harness === undefined || port === 'execution-backend') return undefined;
  return `--harness: an execution-backend has one, a ${port} not`;
}

/** Refuses options that have no meaning together. */
export function checkUsage(module: string | undefined, options: Options): void {
  const problem = targetProblem(module, options) ?? optionProblem(options);
  if (problem !== undefined) throw new ConfigError([problem]);
}
