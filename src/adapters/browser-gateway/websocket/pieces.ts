import type { Message } from './messages.js';
import { lengthOf } from './messages.js';

/** What goes to the network at once. */
export interface Piece {
  readonly fragments: readonly Uint8Array[];
  readonly bytes: number;
  readonly isLast: boolean;
}

/** A larger message goes out in pieces, so that a reader that takes some of it is not taken for one that takes nothing. */
export const pieceBytes = 65_536;

export function piecesOf(message: Message): Piece[] {
  const { head, body } = message;
  if (body.byteLength <= pieceBytes) {
    const fragments = body.byteLength > 0 ? [head, body] : [head];
    return [{ fragments, bytes: lengthOf(message), isLast: true }];
  }
  const pieces: Piece[] = [];
  for (let from = 0; from < body.byteLength; from += pieceBytes) {
    const part = body.subarray(from, from + pieceBytes);
    const fragments = from === 0 ? [head, part] : [part];
    pieces.push({
      fragments,
      bytes: fragments.reduce((sum, { byteLength }) => sum + byteLength, 0),
      isLast: from + pieceBytes >= body.byteLength,
    });
  }
  return pieces;
}
