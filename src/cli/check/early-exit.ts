import { exitCodes } from '../exit-codes.js';

/**
 * A module under test runs in this process, and may end it. That is no success, whatever it ends it with: `refuse` says
 * so, and the code does.
 */
export function earlyExit(interrupted: AbortSignal, refuse: (lines: readonly string[]) => void): Disposable {
  const onExit = (code: number): void => {
    if (interrupted.aborted) return;
    refuse([`what is judged ended this process with ${code}, as by process.exit(): it was not judged to the end`]);
    process.exitCode = exitCodes.usage;
  };
  process.on('exit', onExit);
  return { [Symbol.dispose]: () => void process.off('exit', onExit) };
}
