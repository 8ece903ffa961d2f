import * as z from 'zod';

import type { Clock } from '../../../ports/clock.js';
import type { Parsed } from '../edge/parsed.js';
import { refuse } from '../edge/parsed.js';

export interface BodyLimits {
  readonly bodyBytes: number;
  readonly bodyTimeoutMs: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const mediaType = /^application\/json *(; *charset *= *"?utf-8"? *)?$/i;

const tooLarge = (limits: BodyLimits) =>
  ({ refusal: { outcome: 'rejected', code: 'input-too-large', limit: limits.bodyBytes } }) as const;

/** Reads no further than the limit. */
async function readCounting(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limits: BodyLimits,
): Promise<Parsed<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limits.bodyBytes) {
      letGo(reader);
      return tooLarge(limits);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return { value: bytes };
}

const letGo = (reader: ReadableStreamDefaultReader<Uint8Array>): void => void reader.cancel().catch(() => undefined);

interface Reading {
  readonly bytes: Promise<Parsed<Uint8Array>>;
  /** Nobody waits for it any more. */
  readonly leave?: () => void;
}

const read = (bytes: Parsed<Uint8Array>): Reading => ({ bytes: Promise.resolve(bytes) });

/** A body of a declared length cannot be longer than it says: it is read at once. */
function reading(request: Request, limits: BodyLimits): Reading {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > limits.bodyBytes) return read(tooLarge(limits));
  if (declared !== null) {
    const isTaken = (buffer: ArrayBuffer) =>
      buffer.byteLength > limits.bodyBytes ? tooLarge(limits) : { value: new Uint8Array(buffer) };
    return { bytes: request.arrayBuffer().then(isTaken) };
  }
  if (!request.body) return read({ value: new Uint8Array() });
  const reader = request.body.getReader();
  return { bytes: readCounting(reader, limits), leave: () => letGo(reader) };
}

function readInTime(request: Request, limits: BodyLimits, clock: Clock): Promise<Parsed<Uint8Array>> {
  return new Promise((resolve) => {
    let leave: (() => void) | undefined;
    const inTime = clock.after(limits.bodyTimeoutMs, () => {
      leave?.();
      resolve(refuse('request-timeout'));
    });
    const settle = (bytes: Parsed<Uint8Array>): void => {
      inTime();
      resolve(bytes);
    };
    const fail = (): void => settle(refuse('request-invalid'));
    try {
      const { bytes, ...begun } = reading(request, limits);
      ({ leave } = begun);
      bytes.then(settle, fail);
    } catch {
      fail();
    }
  });
}

function parseJson(bytes: Uint8Array): Parsed<unknown> {
  try {
    return { value: JSON.parse(utf8.decode(bytes)) };
  } catch {
    return refuse('request-invalid');
  }
}

export interface BodyForm<T> {
  readonly schema: z.ZodType<T>;
  /** The same, made faster. */
  readonly compiled: z.ZodType<T>;
  /** Stands for a body that is not there; without it there has to be one. */
  readonly whenAbsent?: T;
}

export const bodyForm = <T>(schema: z.ZodType<T>): BodyForm<T> => ({ schema, compiled: z.compile(schema) });
export const optionalBodyForm = <T>(schema: z.ZodType<T>, whenAbsent: T): BodyForm<T> => ({
  ...bodyForm(schema),
  whenAbsent,
});

/** The JSON body of a request. */
export async function readBody<T>(
  request: Request,
  { compiled, whenAbsent }: BodyForm<T>,
  { limits, clock }: { limits: BodyLimits; clock: Clock },
): Promise<Parsed<T>> {
  const type = request.headers.get('content-type');
  const mayBeRead = type !== null && mediaType.test(type) && !request.headers.has('content-encoding');
  if (!mayBeRead && (type !== null || whenAbsent === undefined)) return refuse('media-type-unsupported');
  const bytes = await readInTime(request, limits, clock);
  if ('refusal' in bytes) return bytes;
  if (bytes.value.byteLength === 0 && whenAbsent !== undefined) return { value: whenAbsent };
  if (!mayBeRead) return refuse('media-type-unsupported');
  const json = parseJson(bytes.value);
  if ('refusal' in json) return json;
  const parsed = compiled.safeParse(json.value);
  return parsed.success ? { value: parsed.data } : refuse('request-invalid');
}
