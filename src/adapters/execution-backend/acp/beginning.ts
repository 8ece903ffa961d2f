import { Buffer } from 'node:buffer';

/** At most the first `maxCharacters` of a text, whole characters only; a copy, for a part would keep all of it. */
export function beginning(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const isCut = (text.codePointAt(maxCharacters - 1) ?? 0) > 0xff_ff;
  return Buffer.from(text.slice(0, isCut ? maxCharacters - 1 : maxCharacters)).toString();
}
