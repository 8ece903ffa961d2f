import type { LineSink } from './options.js';

const maxWaitingBytes = 1_048_576;
let isWatched = false;

/** Who reads stderr may go away; the host does not go with them. */
function watchStderr(): void {
  if (isWatched) return;
  isWatched = true;
  process.stderr.on('error', () => undefined);
}

/** stderr, bounded: it takes no line while a mebibyte waits for somebody to read it. */
export function stderrSink(): LineSink {
  watchStderr();
  return {
    write(line) {
      if (process.stderr.writableLength > maxWaitingBytes) return false;
      process.stderr.write(line);
      return true;
    },
  };
}
