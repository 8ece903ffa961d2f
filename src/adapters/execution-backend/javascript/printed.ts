import { Buffer } from 'node:buffer';
import { inspect, types } from 'node:util';

const maxBytes = 64 * 1024;
const mark = '…';

/** A value as a person reads it; nothing for `undefined`. */
export function printedValue(value: unknown): string | undefined {
  return value === undefined ? undefined : cut(inspect(value, { depth: 4 }));
}

/** `Name: message` of an error, and anything else that was thrown as a value. */
export function printedError(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return cut(`Uncaught ${inspect(thrown, { depth: 4 })}`);
  // What the user's code has made of them may be anything.
  const { name, message }: { readonly name: unknown; readonly message: unknown } = thrown;
  return cut(message === '' ? String(name) : `${String(name)}: ${String(message)}`);
}

/** At most 64 KiB, whole characters only. */
export function cut(text: string): string {
  if (3 * text.length <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const room = Buffer.alloc(maxBytes - Buffer.byteLength(mark));
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read) + mark;
}

/** The text in pieces of at most `maxCharacters`; none ends inside of a character. */
export function* pieces(text: string, maxCharacters: number): Generator<string, void, undefined> {
  let from = 0;
  while (from < text.length) {
    const isCut = from + maxCharacters < text.length && isHighSurrogate(text.charCodeAt(from + maxCharacters - 1));
    const to = from + maxCharacters - (isCut ? 1 : 0);
    yield text.slice(from, to);
    from = to;
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
