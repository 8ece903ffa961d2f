import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

export type Print = (stream: 'stdout' | 'stderr', text: string) => void;

/** Puts `print` in the place of `process.stdout`, `process.stderr` and `console`: the user's code writes nowhere else by accident. */
export function captureOutput(print: Print): void {
  const stdout = capturedStream('stdout', print);
  const stderr = capturedStream('stderr', print);
  Object.defineProperty(process, 'stdout', { value: stdout, configurable: true, enumerable: true });
  Object.defineProperty(process, 'stderr', { value: stderr, configurable: true, enumerable: true });
  const captured = new Console({ stdout, stderr, colorMode: false });
  for (const name of Object.keys(captured)) {
    const method: unknown = Reflect.get(captured, name);
    if (typeof method === 'function') Reflect.set(console, name, method);
  }
}

/** Cannot be ended, as the standard streams cannot. */
function capturedStream(name: 'stdout' | 'stderr', print: Print): Writable {
  const decoder = new StringDecoder('utf8');
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
      if (text !== '') print(name, text);
      done();
    },
  });
  stream.on('error', () => undefined);
  stream.destroy = () => stream;
  stream.end = ((chunk?: unknown) => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) stream.write(chunk);
    return stream;
  }) as Writable['end'];
  return stream;
}
