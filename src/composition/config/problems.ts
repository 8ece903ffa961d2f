import * as z from 'zod';

import { suggestion } from './near-match.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const memberOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined;

const valueAt = (value: unknown, path: Path): unknown => path.reduce(memberOf, value);

/** The schema of what stands at `path` in `value`, as far as it can be told. */
function schemaAt(schema: z.core.$ZodType, path: Path, value: unknown): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schemaAt(schema.unwrap(), path, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const option = chosenOption(schema, value);
    return option && schemaAt(option, path, value);
  }
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const inner = memberSchema(schema, key);
  return inner && schemaAt(inner, rest, memberOf(value, key));
}

function chosenOption({ def, options }: z.ZodDiscriminatedUnion, value: unknown): z.core.$ZodType | undefined {
  const type = memberOf(value, def.discriminator) as z.core.util.Primitive;
  return options.find((option) => option._zod.propValues?.[def.discriminator]?.has(type));
}

function memberSchema(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Readonly<Record<PropertyKey, z.core.$ZodType>>)[key];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

const pathText = (path: Path): string =>
  path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`)).join('');

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80);

/** What stood there and is none of the values that are allowed. */
const noSuch = (value: unknown, allowed: readonly string[]): string =>
  value === undefined
    ? `is missing; allowed: ${allowed.join(', ')}`
    : `${shown(value)} is not known${suggestion(typeof value === 'string' ? value : shown(value), allowed)}`;

function explain(issue: Issue, whole: unknown): string {
  const value = valueAt(whole, issue.path);
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'invalid_value') return noSuch(value, issue.values.map(String));
  if (issue.code === 'invalid_union' && 'options' in issue) {
    return noSuch(value, issue.options.map(String));
  }
  if (value === undefined) return 'is missing';
  if (issue.code === 'invalid_type') return `has to be ${wordOf(issue.expected)}, and is ${shown(value)}`;
  if (issue.code === 'too_small') return `is too small: at least ${String(issue.minimum)}`;
  if (issue.code === 'too_big') return `is too large: at most ${String(issue.maximum)}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'an integer',
  array: 'a list',
  record: 'an object',
  object: 'an object',
};
const wordOf = (type: string): string => words[type] ?? `a ${type}`;

function linesOf(issue: Issue, schema: z.core.$ZodType, whole: unknown): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [`${pathText(issue.path)}: ${explain(issue, whole)}`];
  const found = schemaAt(schema, issue.path, whole);
  const allowed = found instanceof z.ZodObject ? Object.keys(found.shape) : [];
  return issue.keys.map((key) => `${pathText([...issue.path, key])}: unknown key${suggestion(key, allowed)}`);
}

/** What is wrong with a configuration, a line for each: where, what, what is allowed, and what was probably meant. */
export const problemLines = (error: z.ZodError, schema: z.core.$ZodType, whole: unknown): readonly string[] =>
  error.issues.flatMap((issue) => linesOf(issue, schema, whole));
