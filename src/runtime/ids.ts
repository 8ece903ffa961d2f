import { CorrelationId, WorkerId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import { sha256 } from './sha256.js';

declare const crypto: {
  getRandomValues(bytes: Uint8Array): Uint8Array;
};
/** Each byte in hex. */
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Random bytes for many ids: the generator is asked for them seldom. Each is used once. */
const pool = new Uint8Array(4096);
let used = pool.length;

function randomByte(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  used += 1;
  return byte;
}

function hexOf(value: number, bytes: number): string {
  let text = '';
  for (let place = bytes - 1; place >= 0; place -= 1) text += hex[Math.floor(value / 2 ** (8 * place)) & 0xff] ?? '';
  return text;
}

function randomHex(bytes: number): string {
  let text = '';
  for (let count = 0; count < bytes; count += 1) text += hex[randomByte()] ?? '';
  return text;
}

/** A UUIDv7 (RFC 9562): sorts by the time it was made. Works without a secure context, where `randomUUID` is absent. */
export function newUuid(now: number): string {
  const time = hexOf(now, 6);
  const version = hexOf(0x70 | (randomByte() & 0x0f), 1);
  const variant = hexOf(0x80 | (randomByte() & 0x3f), 1);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${randomHex(1)}-${variant}${randomHex(1)}-${randomHex(6)}`;
}

export const newCorrelationId = (clock: Clock): CorrelationId => CorrelationId(newUuid(clock.now()));
export const newWorkerId = (now: number): WorkerId => WorkerId(newUuid(now));

/** Tells two contents apart: SHA-256 over their JSON. */
export const digestOf = (content: unknown): string => sha256(JSON.stringify(content));
