// Tells its own number and that of a grandchild that ignores everything that can be ignored.
import { spawn } from 'node:child_process';

const grandchild = spawn(process.execPath, [new URL('./ignores-sigterm.mjs', import.meta.url).pathname], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
grandchild.stdout.once('data', () => {
  process.stdout.write(`${JSON.stringify({ pids: [process.pid, grandchild.pid] })}\n`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
