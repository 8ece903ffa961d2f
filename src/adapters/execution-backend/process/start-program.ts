import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { Readable, Writable } from 'node:stream';
import { isMainThread } from 'node:worker_threads';

import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';
import { endingLadder } from './ending-ladder.js';
import type { Environment } from './environment.js';
import { guarded } from './guard.js';
import { groupGone, killGroup } from './kill-group.js';
import type { ProcessRegister } from './process-register.js';
import { programExit } from './program-exit.js';
import type { ProgramEnding, RunningProgram } from './running-program.js';
import { logStderr } from './stderr-log.js';

export interface ProgramOptions {
  /** Found as a shell finds it; a relative path is relative to `cwd`. Never expanded. */
  readonly command: string;
  /** Seen by every user of the machine: no place for a secret. */
  readonly args?: readonly string[] | undefined;
  /** All of it; see `programEnvironment`. */
  readonly environment: Environment;
  readonly cwd?: string | undefined;
  /** `fd3`: the program reads descriptor 3 and writes descriptor 4; its stdin is empty and its stdout goes to the log. */
  readonly channel?: 'stdio' | 'fd3' | undefined;
}

export interface ProgramDependencies {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly register?: ProcessRegister | undefined;
}

/**
 * Starts a program. Never throws: for one that cannot be started `ended` tells it, as if it had died at once.
 * Not for worker threads: what ties a child to its parent ties it to the thread.
 */
export function startProgram(options: ProgramOptions, dependencies: ProgramDependencies = {}): RunningProgram {
  const { clock = systemClock, logger = nullLogger, register } = dependencies;
  const child = spawnGuarded(options, logger);
  const pid = child?.pid;
  if (!child || pid === undefined) return notStarted();
  logger.debug('program started', { pid, command: options.command });

  const { input, output, logged, lifeline } = streamsOf(child, options.channel);
  for (const stream of logged) logStderr(stream, { logger, clock });
  input.on('error', () => undefined);
  const ladder = endingLadder({ clock, closeInput: () => input.end(), signal: (name) => killGroup(pid, name) });
  const noted = register?.add(pid);
  const sources = { lifeline, outputs: [output, ...logged], clock, onReaped: () => ladder.finish() };
  const ended = programExit(child, sources).then(async (exit): Promise<ProgramEnding> => {
    input.destroy();
    await groupGone(pid);
    await (
      await noted
    )?.();
    const ending: ProgramEnding = { exit, cause: ladder.cause ?? 'exited', killed: ladder.killed };
    logger.debug('program ended', { pid, ...ending });
    return ending;
  });
  return {
    input,
    output,
    ended,
    end(cause, graceMs) {
      ladder.begin(cause, graceMs);
      return ended;
    },
  };
}

function spawnGuarded(options: ProgramOptions, logger: Logger): ChildProcess | undefined {
  const channels = options.channel === 'fd3' ? [3, 4] : [];
  const lifeline = 3 + channels.length;
  const program = guarded({ command: options.command, args: options.args ?? [] }, lifeline, channels);
  try {
    if (!isMainThread) throw new Error('programs are started by the main thread only');
    const child = spawn(program.command, program.args, {
      detached: true,
      env: options.environment,
      stdio: [
        options.channel === 'fd3' ? 'ignore' : 'pipe',
        'pipe',
        'pipe',
        ...channels.map(() => 'pipe' as const),
        'pipe',
      ],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    child.on('error', (error) => logger.error('program cannot be started', { error, command: options.command }));
    return child;
  } catch (error) {
    logger.error('program cannot be started', { error, command: options.command });
    return undefined;
  }
}

function streamsOf(child: ChildProcess, channel: ProgramOptions['channel']) {
  const [stdin, stdout, stderr, ...rest] = child.stdio as readonly unknown[] as [
    Writable,
    Readable,
    Readable,
    ...Duplex[],
  ];
  const lifeline = rest.at(-1) as Duplex;
  if (channel !== 'fd3') return { input: stdin, output: stdout, logged: [stderr], lifeline };
  const [input, output] = rest as [Duplex, Duplex];
  return { input, output, logged: [stdout, stderr], lifeline };
}

function notStarted(): RunningProgram {
  const ended = Promise.resolve<ProgramEnding>({ exit: { kind: 'unknown' }, cause: 'not-started', killed: false });
  const input = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { input, output: Readable.from([]), ended, end: () => ended };
}
