import type { Readable, Writable } from 'node:stream';

import type { WireTransport } from '../wire/transport.js';

/**
 * The wire over a pair of byte streams: the stdio of a program, seen from either side, or one socket given twice.
 * What cannot be written any more is dropped: the reading side tells the loss.
 */
export function streamTransport(input: Readable, output: Writable): WireTransport {
  let settle: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (settle = resolve));
  let closing = false;
  let drained: Promise<void> | undefined;

  output.on('error', () => undefined);
  input.on('error', () => settle());
  input.on('end', () => settle());
  input.on('close', () => settle());

  return {
    closed,
    start(onChunk) {
      // After our own close the rest is read and dropped, so that nobody blocks on a full pipe.
      input.on('data', (chunk: Uint8Array) => {
        if (!closing) onChunk(chunk);
      });
    },
    write(text) {
      if (closing || !output.writable || output.write(text)) return undefined;
      drained ??= nextDrain(output).then(() => (drained = undefined));
      return drained;
    },
    close() {
      if (closing) return;
      closing = true;
      output.on('close', settle);
      if (output.destroyed) settle();
      else output.end(settle);
      input.resume();
    },
  };
}

function nextDrain(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      output.off('drain', done);
      output.off('close', done);
      resolve();
    };
    output.on('drain', done);
    output.on('close', done);
  });
}
