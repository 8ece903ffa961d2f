import * as fc from 'fast-check';

import { document } from '../openapi/document.js';

export type Value = fc.JsonValue;
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: Value;
  readonly enum?: readonly Value[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

const nasty = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\udfffb',
  '\u202e',
  'é日💥',
  '__proto__',
  '../..',
  '%00',
  'x'.repeat(70_000),
];
export const text = fc.oneof(
  { weight: 3, arbitrary: fc.string() },
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...nasty),
);

const named = (schema: Schema): Schema =>
  schema.$ref === undefined
    ? schema
    : (document.components.schemas[schema.$ref.replace('#/components/schemas/', '')] as Schema);

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<Value> {
  const fields = Object.fromEntries(Object.entries(properties).map(([key, field]) => [key, validBy(field)]));
  return fc.record(fields, { requiredKeys: [...required] });
}

/** What a pattern forbids by looking ahead cannot be generated: it is left out of what is. */
function matching(pattern: string): fc.Arbitrary<string> {
  const whole = new RegExp(pattern);
  return fc.stringMatching(new RegExp(pattern.replace(/\(\?![^)]*\)/g, ''))).filter((made) => whole.test(made));
}

/** Values that are valid by a schema of the document. */
export function validBy(reference: Schema): fc.Arbitrary<Value> {
  const schema = named(reference);
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return fc.oneof(...options.map(validBy));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(validBy(schema.items ?? {}), { maxLength: 4 });
    case 'integer':
      return fc.integer({ min: Math.max(schema.minimum ?? 0, -1e9), max: Math.min(schema.maximum ?? 1e9, 1e9) });
    case 'boolean':
      return fc.boolean();
    case 'string':
      if (schema.pattern !== undefined) return matching(schema.pattern);
      return schema.maxLength === undefined ? text : fc.string({ maxLength: schema.maxLength });
    default:
      return fc.jsonValue();
  }
}

const nest = (depth: number): Value => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as Value;
const wrong: fc.Arbitrary<Value> = fc.oneof(
  text,
  fc.jsonValue(),
  fc.constantFrom<Value>(null, true, 0, -1, -0, 1.5, 1e308, 2 ** 53, 5e-324, [], {}, nest(2_000)),
);
const key = fc.constantFrom('__proto__', 'constructor', 'toString', 'extra', '', 'type', 'text', 'inputId');

type Change = (value: Value) => Value;
const isObject = (value: Value): value is { [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Somewhere in a value: `at` leads down, by whatever is there. */
const somewhere =
  (at: readonly number[], change: Change): Change =>
  (value) => {
    const [first, ...rest] = at;
    if (first === undefined || typeof value !== 'object' || value === null) return change(value);
    const entries = Object.entries(value);
    const index = first % Math.max(1, entries.length);
    const changed = entries.map(([name, item], here): [string, Value] =>
      here === index ? [name, somewhere(rest, change)(item as Value)] : [name, item as Value],
    );
    return Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed);
  };

const change: fc.Arbitrary<Change> = fc.oneof(
  wrong.map(
    (value): Change =>
      () =>
        value,
  ),
  fc.tuple(key, wrong).map(([name, value]): Change => (before) => {
    return isObject(before) ? Object.fromEntries([...Object.entries(before), [name, value]]) : [before];
  }),
  fc.nat(9).map((index): Change => (before) => {
    return isObject(before) ? Object.fromEntries(Object.entries(before).filter((_, at) => at !== index)) : before;
  }),
);

/** Values that are valid but for one or two places. */
export const almost = (valid: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc
    .tuple(valid, fc.array(fc.tuple(fc.array(fc.nat(9), { maxLength: 3 }), change), { minLength: 1, maxLength: 2 }))
    .map(([value, changes]) => changes.reduce((before, [at, made]) => somewhere(at, made)(before), value));

/** JSON that `JSON.stringify` never writes, and what is none. */
const rawJson = fc.constantFrom(
  '',
  '{',
  'null',
  '{"text":1e400}',
  '{"deadlineMs":1e400}',
  '{"graceMs":-0.0}',
  '{"text":"a","text":"b"}',
  '{"__proto__":{"text":"x"}}',
  '{"text":"\\ud800"}',
  '{"text":"\u0000"}',
  `${'['.repeat(60_000)}${']'.repeat(60_000)}`,
  `{"text":"${'x'.repeat(300_000)}"}`,
);

/** Texts of bodies and messages: valid, almost valid, and nothing of the kind. */
export const jsonTextBy = (schema: Schema): fc.Arbitrary<string> => {
  const valid = validBy(schema);
  const written = (values: fc.Arbitrary<Value>) => values.map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 4, arbitrary: written(valid) },
    { weight: 5, arbitrary: written(almost(valid)) },
    { weight: 1, arbitrary: rawJson },
    { weight: 1, arbitrary: fc.tuple(written(valid), fc.nat(50)).map(([whole, end]) => whole.slice(0, end)) },
  );
};
