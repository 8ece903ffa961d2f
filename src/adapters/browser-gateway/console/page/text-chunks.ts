/** A part of a text that is drawn by itself, so that a growing text is not drawn anew as a whole. */
export interface Chunk {
  /** The same for as long as the chunk begins where it does. */
  readonly key: number;
  readonly text: string;
  /** It is whole lines: nothing before or behind it stands in a line with it. */
  readonly isLines: boolean;
}

/** A text in chunks. */
export interface Chunks {
  readonly text: string;
  readonly chunks: readonly Chunk[];
}

export const noChunks: Chunks = { text: '', chunks: [] };

/** In characters: how long a chunk of lines becomes, how long one line does before it is cut, and how much is looked at for a place to cut. */
const chunkLength = 4_096;
const lineLength = 16_384;
const lookBack = 2_048;

/** Where a line without an end is cut: behind a space, else before what may be an address or a sequence of a terminal. */
function lineCut(text: string, from: number): number {
  const limit = from + lineLength;
  const space = text.lastIndexOf(' ', limit - 1) + 1;
  if (space > limit - lookBack) return space;
  const starts = ['http', '\u001b', '\r'].map((start) => text.lastIndexOf(start, limit));
  const start = Math.max(...starts);
  if (start > limit - lookBack && start > from) return start;
  const code = text.charCodeAt(limit);
  return code >= 0xdc00 && code <= 0xdfff ? limit - 1 : limit;
}

/** Where the chunk that begins at `from` ends. */
function chunkEnd(text: string, from: number): number {
  if (text.length - from <= chunkLength) return text.length;
  const line = text.lastIndexOf('\n', from + chunkLength - 1) + 1;
  if (line > from) return line;
  const next = text.indexOf('\n', from + chunkLength) + 1;
  if (next > 0 && next - from <= lineLength) return next;
  return text.length - from <= lineLength ? text.length : lineCut(text, from);
}

function chunksFrom(text: string, start: number, kept: readonly Chunk[]): readonly Chunk[] {
  const chunks = [...kept];
  let key = (kept.at(-1)?.key ?? -1) + 1;
  for (let from = start; from < text.length;) {
    const end = chunkEnd(text, from);
    const before = chunks.at(-1);
    const atLineStart = before === undefined || before.text.endsWith('\n');
    const piece = text.slice(from, end);
    chunks.push({ key, text: piece, isLines: atLineStart && piece.endsWith('\n') });
    key += 1;
    from = end;
  }
  return chunks;
}

/** How much of the beginning of the former text the new one lacks, as the tail of an output does. `undefined`: unrelated. */
function droppedBefore(former: string, text: string): number | undefined {
  if (text.startsWith(former)) return 0;
  const place = former.indexOf(text.slice(0, 512));
  return place > 0 && text.startsWith(former.slice(place)) ? place : undefined;
}

/** The chunks of a text that most often is the former one with more at its end, or with less at its beginning. */
export function chunksOf(text: string, former: Chunks): Chunks {
  if (former.text === text) return former;
  const dropped = former.text === '' ? undefined : droppedBefore(former.text, text);
  if (dropped === undefined) return { text, chunks: chunksFrom(text, 0, []) };
  const kept: Chunk[] = [];
  let place = 0;
  // The last may grow.
  for (const chunk of former.chunks.slice(0, -1)) {
    const from = place;
    place += chunk.text.length;
    if (place <= dropped) continue;
    kept.push(from < dropped ? { ...chunk, text: chunk.text.slice(dropped - from) } : chunk);
  }
  const start = kept.reduce((sum, chunk) => sum + chunk.text.length, 0);
  const last = former.chunks.at(-1);
  const chunks = chunksFrom(text, start, kept);
  if (kept.length > 0 || last === undefined) return { text, chunks };
  return { text, chunks: chunks.map((chunk, index) => ({ ...chunk, key: last.key + index })) };
}
