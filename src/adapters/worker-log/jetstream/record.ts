import { Sequence } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import type { AppendBatch, EncodedObservation, WorkerHead } from '../../../ports/worker-log.js';
import type { NatsHeaders } from '../../nats/index.js';

/** `removed`: nothing is left of this Worker, not even this, as soon as it is swept. */
export type RecordKind = 'record' | 'tombstone' | 'removed';

/** What a record says of itself in its headers: enough to find it, and to append after it. */
export interface RecordName {
  readonly kind: RecordKind;
  /** The sequence of its first observation; `last + 1` where it has none. */
  readonly first: number;
  /** The Worker's last sequence after it. */
  readonly last: number;
  readonly revision: number;
  /** Of the append that made it. */
  readonly id: string;
  /** The messages that its text goes on in, by their sequences in the stream. */
  readonly pieces: readonly number[];
}

const nameHeader = 'Workport-Record';
const piecesHeader = 'Workport-Pieces';
const idHeader = 'Nats-Msg-Id';
const letters = { record: 'r', tombstone: 't', removed: 'x' } as const;
const kinds: Readonly<Record<string, RecordKind>> = { r: 'record', t: 'tombstone', x: 'removed' };

export function headersOf({ kind, first, last, revision, id, pieces }: RecordName): NatsHeaders {
  const name = [letters[kind], first, last, revision].join(' ');
  return { [nameHeader]: name, [idHeader]: id, ...(pieces.length > 0 && { [piecesHeader]: pieces.join(' ') }) };
}

export const isRecord = (header: (name: string) => string): boolean => header(nameHeader) !== '';

/** Throws where the message is no record. */
export function nameOf(header: (name: string) => string): RecordName {
  const [letter = '', first, last, revision] = header(nameHeader).split(' ');
  const kind = kinds[letter];
  if (!kind || revision === undefined) throw new Error('a record of the log is damaged');
  const pieces = header(piecesHeader).split(' ').filter(Boolean).map(Number);
  return { kind, first: Number(first), last: Number(last), revision: Number(revision), id: header(idHeader), pieces };
}

/** Head, ledger entries and observations, a line each: JSON holds no line feed. */
export function payloadOf({ head, inputs = [], observations }: AppendBatch): Uint8Array {
  const lines = [JSON.stringify(head), JSON.stringify(inputs), ...observations.map(({ json }) => json)];
  return new TextEncoder().encode(lines.join('\n'));
}

const lineFeed = 10;

/** The beginning of a record, as far as its head and its ledger entries go; `undefined` where it ends before. */
export function beginningOf(data: Uint8Array): Uint8Array | undefined {
  const second = data.indexOf(lineFeed, data.indexOf(lineFeed) + 1);
  return second < 0 ? undefined : data.subarray(0, second);
}

const linesOf = (data: Uint8Array): readonly string[] => new TextDecoder().decode(data).split('\n');

export const headIn = (data: Uint8Array): WorkerHead => JSON.parse(linesOf(data)[0] ?? '') as WorkerHead;

export const inputsIn = (data: Uint8Array): readonly LedgerEntry[] =>
  JSON.parse(linesOf(data)[1] ?? '[]') as readonly LedgerEntry[];

/** The observations of a whole record. Throws where they are not those that its name tells. */
export function observationsIn(data: Uint8Array, { first, last }: RecordName): readonly EncodedObservation[] {
  const lines = linesOf(data).slice(2);
  if (lines.length !== last - first + 1) throw new Error('a record of the log is damaged');
  return lines.map((json, index) => ({ sequence: Sequence(first + index), json }));
}
