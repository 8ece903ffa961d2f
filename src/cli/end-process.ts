import type { ExitCode } from './exit-codes.js';

const flushMs = 1_000;

/** What is still in a stream's buffer would be lost with the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

/** Ends the process once its last words are out, or nobody has read them for a second. */
export async function endProcess(code: ExitCode): Promise<never> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, flushMs));
  await Promise.race([Promise.all([written(process.stdout), written(process.stderr)]), late]);
  process.exit(code);
}
