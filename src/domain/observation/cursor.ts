import type { Brand } from '../ids.js';
import { Sequence } from '../ids.js';

/** Where a reader stands: `wo_<8 hex epoch>_<16 hex sequence>`. Opaque to clients, canonical: one position, one text (P5). */
export type Cursor = Brand<string, 'Cursor'>;
export type Epoch = Brand<string, 'Epoch'>;

/** A stretch of a log whose tail was never in doubt, from its first sequence on. */
export interface EpochStart {
  readonly epoch: Epoch;
  readonly from: Sequence;
}

/** No sequence in it is larger than a number can count to. */
export const cursorPattern = /^wo_([0-9a-f]{8})_(00[01][0-9a-f]{13})$/;

export function Epoch(value: string): Epoch {
  if (!/^[0-9a-f]{8}$/.test(value)) throw new TypeError('not an epoch');
  return value as Epoch;
}

/** The last 32 bits of a UUID: random in every version that the Runtime mints. */
export const epochFromUuid = (uuid: string): Epoch => Epoch(uuid.slice(-8));

/** The two halves of a cursor. */
export const cursorStart = (epoch: Epoch): string => `wo_${epoch}_`;
export const sequenceInCursor = (sequence: Sequence): string => sequence.toString(16).padStart(16, '0');

export const formatCursor = (epoch: Epoch, sequence: Sequence): Cursor =>
  (cursorStart(epoch) + sequenceInCursor(sequence)) as Cursor;

export function parseCursor(text: string): { epoch: Epoch; sequence: Sequence } | undefined {
  const match = cursorPattern.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  return { epoch: match[1] as Epoch, sequence: Sequence(Number.parseInt(match[2], 16)) };
}

/** The epoch that covers a sequence: the last one that starts at or before it. */
export function epochAt(epochs: readonly EpochStart[], sequence: Sequence): Epoch | undefined {
  for (let index = epochs.length - 1; index >= 0; index -= 1) {
    const start = epochs[index];
    if (start && start.from <= sequence) return start.epoch;
  }
  return undefined;
}

export type CursorProblem = 'cursor-invalid' | 'cursor-unknown';

/** The sequence a cursor stands at, or why it cannot be used with this log (P5). */
export function resolveCursor(
  text: string,
  log: { readonly epochs: readonly EpochStart[]; readonly last: Sequence },
): { readonly sequence: Sequence } | { readonly problem: CursorProblem } {
  const cursor = parseCursor(text);
  if (!cursor) return { problem: 'cursor-invalid' };
  const covered = cursor.sequence >= 1 && cursor.sequence <= log.last;
  if (!covered || epochAt(log.epochs, cursor.sequence) !== cursor.epoch) return { problem: 'cursor-unknown' };
  return { sequence: cursor.sequence };
}
