/**
 * SHA-256 (FIPS 180-4) of a text, in hex. Synchronous and portable: Web Crypto answers by way of a thread, which costs
 * an input more than everything else that is done for it here.
 */
export function sha256(text: string): string {
  const message = encoder.encode(text);
  const blocks = padded(message);
  const hash = initial.slice();
  for (let offset = 0; offset < blocks.length; offset += 16) compress(hash, blocks, offset);
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}
const encoder = new TextEncoder();

const primes = firstPrimes(64);
/** The first 32 bits of the fractional parts of the primes' roots. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/** As words: the message, a one bit, zeros, and the length in bits as 64 bits, up to a whole block. */
function padded(message: Uint8Array): Int32Array {
  const words = new Int32Array(16 * Math.ceil((message.length + 9) / 64));
  for (let index = 0; index < message.length; index += 1) put(words, index, message[index] ?? 0);
  put(words, message.length, 0x80);
  words[words.length - 2] = Math.floor(message.length / 2 ** 29);
  words[words.length - 1] = message.length << 3;
  return words;
}

function put(words: Int32Array, index: number, byte: number): void {
  const place = index >>> 2;
  words[place] = (words[place] ?? 0) | (byte << (24 - 8 * (index & 3)));
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** Of one block at a time: nothing waits in between. */
const schedule = new Int32Array(64);

function expand(blocks: Int32Array, offset: number): void {
  for (let index = 0; index < 16; index += 1) schedule[index] = blocks[offset + index] ?? 0;
  for (let index = 16; index < 64; index += 1) {
    const early = schedule[index - 15] ?? 0;
    const late = schedule[index - 2] ?? 0;
    const mixedEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule[index] = ((schedule[index - 16] ?? 0) + mixedEarly + (schedule[index - 7] ?? 0) + mixedLate) | 0;
  }
}

function compress(hash: Int32Array, blocks: Int32Array, offset: number): void {
  expand(blocks, offset);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let index = 0; index < 64; index += 1) {
    const chosen = (e & f) ^ (~e & g);
    const sumOfE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + sumOfE + chosen + (constants[index] ?? 0) + (schedule[index] ?? 0)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  const after = [a, b, c, d, e, f, g, h];
  for (let index = 0; index < 8; index += 1) hash[index] = ((hash[index] ?? 0) + (after[index] ?? 0)) | 0;
}
