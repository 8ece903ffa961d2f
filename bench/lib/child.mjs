import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const program = (name) => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));

/** A bare child that talks NDJSON over its pipes: the floor. */
export function child(name) {
  const running = spawn(process.execPath, [program(name)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => running.once('exit', resolve));
  return {
    stdin: running.stdin,
    stdout: running.stdout,
    async end() {
      running.stdin.end();
      await ended;
    },
  };
}

/** Calls `onLine` for each line of a stream; splits as plainly as it can be done. */
export function readLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
}

/** A text that makes the JSON of a `text-delta` 300 bytes long. */
export function eventText() {
  const bare = JSON.stringify({ type: 'text-delta', messageId: 'm', text: '' }).length;
  return 'x'.repeat(300 - bare);
}
