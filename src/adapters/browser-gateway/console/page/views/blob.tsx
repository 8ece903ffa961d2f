import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { PlainText } from './plain-text.js';

/** Pictures that run nothing. */
const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const numbers = new Intl.NumberFormat();

/** Of base64. */
const byteLength = (data: string): number => Math.floor((data.replace(/=+$/, '').length * 3) / 4);

/** What is no text. */
export function Blob({ part }: { readonly part: Extract<TranscriptPart, { readonly type: 'blob' }> }) {
  const { mediaType, data } = part;
  if (pictures.has(mediaType)) return <img class="blob" src={`data:${mediaType};base64,${data}`} alt="image" />;
  return (
    <p class="blob">
      <PlainText text={mediaType} />, {numbers.format(byteLength(data))} bytes
    </p>
  );
}
