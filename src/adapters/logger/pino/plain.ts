import type { Json } from '../../../domain/ids.js';

const maxDepth = 6;
const maxMembers = 100;
const maxTextChars = 16_384;
/** Of all texts of a line together, and of its values. */
const maxLineChars = 65_536;
const maxLineValues = 2_000;

type JsonObject = Readonly<Record<string, Json>>;

/** One line's fields as bounded JSON. */
class Conversion {
  #chars = maxLineChars;
  #values = maxLineValues;

  value(value: unknown, depth: number): Json {
    this.#values -= 1;
    if (this.#values < 0) return '(cut)';
    try {
      return this.#convert(value, depth);
    } catch {
      return '(cannot be read)';
    }
  }

  #convert(value: unknown, depth: number): Json {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'bigint' || typeof value === 'symbol') return this.#text(String(value));
    if (typeof value === 'function') return '(function)';
    if (typeof value === 'undefined') return '(undefined)';
    return depth < maxDepth ? this.#object(value, depth) : '(nested too deeply)';
  }

  #text(text: string): string {
    const room = Math.max(0, Math.min(maxTextChars, this.#chars));
    this.#chars -= Math.min(text.length, room);
    return text.length <= room ? text : `${text.slice(0, room)}… (${text.length} characters)`;
  }

  #object(value: object, depth: number): Json {
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
    if (value instanceof Map || value instanceof Set) return this.#list([...value], depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    return this.#members(value, depth);
  }

  #list(values: readonly unknown[], depth: number): Json {
    const shown = values.slice(0, maxMembers).map((value) => this.value(value, depth + 1));
    return values.length > maxMembers ? [...shown, `… (${values.length})`] : shown;
  }

  #members(value: object, depth: number): JsonObject {
    const names = Object.keys(value);
    const shown = names.slice(0, maxMembers).flatMap((name): [string, Json][] => {
      const member = memberOf(value, name);
      return member === undefined ? [] : [[name, this.value(member, depth + 1)]];
    });
    return Object.fromEntries(names.length > maxMembers ? [...shown, ['…', names.length]] : shown);
  }

  #error(error: Error, depth: number): JsonObject {
    const { name, message, stack, cause } = error;
    return {
      ...this.#members(error, depth),
      type: this.value(name, depth),
      message: this.value(message, depth),
      ...(stack !== undefined && { stack: this.value(stack, depth) }),
      ...(cause !== undefined && { cause: this.value(cause, depth + 1) }),
      ...(error instanceof AggregateError && { errors: this.value(error.errors, depth + 1) }),
    };
  }
}

function memberOf(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return '(cannot be read)';
  }
}

/** Fields of a log line as bounded JSON: errors with stack and cause, whatever else is in them. Never throws. */
export const plain = (value: unknown): Json => new Conversion().value(value, 0);
