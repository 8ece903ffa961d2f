import type { Canary } from './canary.js';
import { leakSearch } from './find-leaks.js';
import type { Place, Recorded, Recording } from './recording.js';
import { recordedIn } from './recording.js';

export interface Leak {
  /** Where it was planted. */
  readonly where: string;
  /** Where it came out. */
  readonly place: Place;
  /** In the answer to what. */
  readonly asked: string;
}

/** Bytes read as texts in every way that a reader could: of two bytes a character from the first or from the second. */
const readings = (bytes: Buffer): readonly string[] => [
  bytes.toString('utf8'),
  bytes.toString('latin1'),
  bytes.toString('utf16le'),
  bytes.subarray(1).toString('utf16le'),
];

function leaksOf({ asked, texts, bytes }: Recorded, search: (text: string) => readonly string[]): readonly Leak[] {
  const found = texts.flatMap(({ place, text }) => search(text).map((where) => ({ where, place, asked })));
  const elsewhere = bytes ? new Set(readings(bytes).flatMap(search)) : [];
  const unseen = [...elsewhere].filter((where) => !found.some((leak) => leak.where === where));
  return [...found, ...unseen.map((where) => ({ where, place: 'bytes', asked }) as const)];
}

/** Every canary that something gives away which was recorded, in whatever encoding. Nothing may. */
export function leaksIn(recording: Recording, planted: readonly Canary[]): readonly Leak[] {
  const search = leakSearch(planted);
  return recordedIn(recording).flatMap((recorded) => leaksOf(recorded, search));
}

/** Where one of `texts` stands as it is: what a machine would be known by. */
export function textsIn(recording: Recording, texts: readonly string[]): readonly string[] {
  return recordedIn(recording).flatMap((recorded) => {
    const all = [...recorded.texts.map(({ text }) => text), ...(recorded.bytes ? readings(recorded.bytes) : [])];
    const found = texts.filter((text) => all.some((one) => one.includes(text)));
    return found.map((text) => `${recorded.asked}: ${text}`);
  });
}
