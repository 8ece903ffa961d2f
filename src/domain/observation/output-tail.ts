import type { TranscriptPart } from './transcript.js';

export type OutputPart = Extract<TranscriptPart, { type: 'output' }>;

/** How many bytes of UTF-8 an output entry shows. */
export const outputTailBytes = 65_536;

/** Where the last `outputTailBytes` of a text begin: never inside a character. */
function tailStart(text: string): number {
  let bytes = 0;
  for (let index = text.length - 1; index >= 0; index -= 1) {
    const unit = text.charCodeAt(index);
    const paired = unit >= 0xdc00 && unit <= 0xdfff && (text.codePointAt(index - 1) ?? 0) > 0xffff;
    bytes += paired ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    if (bytes > outputTailBytes) return index + 1;
    if (paired) index -= 1;
  }
  return 0;
}

/**
 * More text at the end. Up to twice the tail is kept before the head is cut off, so that many small pieces are not
 * each a copy of the whole.
 */
export function appendOutput(part: OutputPart, text: string): OutputPart {
  const whole = part.text + text;
  if (whole.length <= 2 * outputTailBytes) return { ...part, text: whole };
  return { ...part, text: whole.slice(-outputTailBytes), truncated: true };
}

/** What is shown of an output. */
export function shownOutput(part: OutputPart): OutputPart {
  if (part.text.length * 3 <= outputTailBytes) return part;
  const start = tailStart(part.text);
  return start === 0 ? part : { ...part, text: part.text.slice(start), truncated: true };
}
