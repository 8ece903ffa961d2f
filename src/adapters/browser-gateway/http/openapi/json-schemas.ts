import * as z from 'zod';

import { componentSchemas } from '../../../../protocol/browser-components.js';

/** A JSON Schema of draft 2020-12, or a reference to one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const refTo = (name: string): string => `#/components/schemas/${name}`;
const names = new Map(Object.entries(componentSchemas).map(([name, schema]) => [schema, name]));

/** Where the document has a schema: every one that it has is a component. */
export function reference(schema: z.ZodType): JsonSchema {
  const name = names.get(schema);
  if (name === undefined) throw new TypeError('a schema has no name: add it to src/protocol/browser-components.ts');
  return { $ref: refTo(name) };
}

function registered(schemas: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: converted } = z.toJSONSchema(registry, { io: 'input', uri: refTo });
  return Object.fromEntries(
    Object.entries(converted).map(([id, { $schema: _dialect, $id: _address, ...schema }]) => [id, schema]),
  );
}

export const components = (): Readonly<Record<string, JsonSchema>> => registered(componentSchemas);

export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: JsonSchema;
}

/** The fields of a query, of headers or of a path, one by one. */
export function fieldsOf(schema: z.ZodObject | undefined): readonly Field[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, field]) => ({
    name,
    isRequired: required.includes(name),
    schema: field as JsonSchema,
  }));
}
