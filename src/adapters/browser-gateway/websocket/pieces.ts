import type { Message } from './messages.js';

/** What goes to the network at once. */
export interface Piece {
  readonly fragments: readonly Uint8Array[];
  readonly bytes: number;
  readonly isLast: boolean;
}

/** A larger message goes out in pieces, so that a reader that takes some of it is not taken for one that takes nothing. */
export const pieceBytes = 65_536;

/** The piece of a message that begins at `from` of its body; the first one begins with its head. */
export function pieceAt({ head, body }: Message, from: number): Piece {
  const isLast = from + pieceBytes >= body.byteLength;
  const part = from === 0 && isLast ? body : body.subarray(from, from + pieceBytes);
  if (from > 0) return { fragments: [part], bytes: part.byteLength, isLast };
  return { fragments: [head, part], bytes: head.byteLength + part.byteLength, isLast };
}
