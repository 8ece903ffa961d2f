import * as z from 'zod';

import type { Json } from '../domain/ids.js';

/** How deep a JSON value may nest. Deeper ones are refused before anything walks them. */
const maxJsonDepth = 128;
/** How many values a JSON value may hold, shared ones counted each time: what refers to itself ends here. */
const maxJsonValues = 250_000;

class NotJson extends Error {}

interface Walk {
  left: number;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function copyList(value: readonly unknown[], depth: number, walk: Walk): readonly Json[] {
  const copy: Json[] = [];
  for (const item of value) copy.push(copyValue(item, depth + 1, walk));
  return copy;
}

function copyObject(value: object, depth: number, walk: Walk): { readonly [key: string]: Json } {
  if (!isPlain(value)) throw new NotJson();
  const copy: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (item === undefined) continue;
    const json = copyValue(item, depth + 1, walk);
    if (key === '__proto__') Object.defineProperty(copy, key, { value: json, enumerable: true });
    else copy[key] = json;
  }
  return copy;
}

function copyValue(value: unknown, depth: number, walk: Walk): Json {
  walk.left -= 1;
  if (walk.left < 0) throw new NotJson();
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object' || depth >= maxJsonDepth) throw new NotJson();
  if (Array.isArray(value)) return copyList(value, depth, walk);
  return copyObject(value, depth, walk);
}

/**
 * A copy of a JSON value that nobody else holds, or `undefined` where the value is not JSON or passes the bounds.
 * Keys without a value are left out, as `JSON.stringify` does.
 */
function copyJson(value: unknown): Json | undefined {
  try {
    return copyValue(value, 0, { left: maxJsonValues });
  } catch {
    return undefined;
  }
}

/** Any JSON, bounded; parsed to a copy. */
export const jsonSchema = z.unknown().transform((value, context): Json => {
  const copy = copyJson(value);
  if (copy !== undefined) return copy;
  context.addIssue({ code: 'custom', message: 'not bounded JSON' });
  return z.NEVER;
});
