import { CorrelationId, WorkerId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import { sha256 } from './sha256.js';

declare const crypto: {
  getRandomValues(bytes: Uint8Array): Uint8Array;
};
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A UUIDv7 (RFC 9562): sorts by the time it was made. Works without a secure context, where `randomUUID` is absent. */
export function newUuid(now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(now / 2 ** (8 * (5 - index))) & 0xff;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = hexOf(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export const newCorrelationId = (clock: Clock): CorrelationId => CorrelationId(newUuid(clock.now()));
export const newWorkerId = (now: number): WorkerId => WorkerId(newUuid(now));

/** Tells two contents apart: SHA-256 over their JSON. */
export const digestOf = (content: unknown): string => sha256(JSON.stringify(content));
