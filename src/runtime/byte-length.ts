const encoder = new TextEncoder();
const scratch = new Uint8Array(64 * 1024);
/** One unit of UTF-16 is at most so many bytes. */
const bytesPerUnit = 3;

/** How many bytes of UTF-8 a text is. */
export function byteLength(text: string): number {
  const fits = bytesPerUnit * text.length <= scratch.length;
  return fits ? encoder.encodeInto(text, scratch).written : encoder.encode(text).length;
}
