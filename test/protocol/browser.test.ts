import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

import type { TranscriptEntry } from '../../src/domain/observation/transcript.js';
import type { ProfileView, RuntimeView, WorkerView } from '../../src/domain/observation/view.js';
import type { Frame } from '../../src/ports/browser-gateway.js';
import * as requests from '../../src/protocol/browser-requests.js';
import { problemSchema, responseSchemas, streamSchemas } from '../../src/protocol/browser.js';

/** Every object in a schema, by the path that leads to it. */
function objectsIn(schema: z.ZodType, path: string): { path: string; keys: string[]; isStrict: boolean }[] {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    const isStrict = schema.def.catchall instanceof z.ZodNever;
    const inner = Object.entries(shape).flatMap(([key, field]) => objectsIn(field, `${path}.${key}`));
    return [{ path, keys: Object.keys(shape), isStrict }, ...inner];
  }
  if (schema instanceof z.ZodArray) return objectsIn(schema.element as z.ZodType, `${path}[]`);
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option, index) => objectsIn(option as z.ZodType, `${path}|${index}`));
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) {
    return objectsIn(schema.unwrap() as z.ZodType, path);
  }
  return [];
}

const all: Record<string, unknown> = { ...requests, ...responseSchemas, ...streamSchemas, problemSchema };
const objects = Object.entries(all).flatMap(([name, schema]) =>
  schema instanceof z.ZodType ? objectsIn(schema, name) : [],
);

describe('the schemas of the browser API', () => {
  it('B1: no object of a request or an answer takes a key that is not named', () => {
    expect(objects.length).toBeGreaterThan(60);
    // What the event shapes share with the wire is loose there: those lists are held by their own schemas.
    const loose = objects.filter(({ isStrict, path }) => !isStrict && !/\.(options|diffs|steps)\[\]$/.test(path));
    expect(loose.map(({ path }) => path)).toEqual([]);
  });

  it('W3, W4: no public shape says in advance whether something works', () => {
    const keys = new Set(objects.flatMap((object) => object.keys));
    expect([...keys].filter((key) => /^can[A-Z_]|able$|^is[A-Z]|supports/.test(key))).toEqual(['isError']);
  });

  it('B2: no public shape has a place for what is behind the port', () => {
    const keys = new Set(objects.flatMap((object) => object.keys));
    const banned = ['backendId', 'handle', 'pid', 'path', 'socket', 'host', 'env', 'options', 'recoverState', 'detail'];
    expect(banned.filter((key) => keys.has(key))).toEqual(['options']);
  });

  it('what the schemas give are the types of the domain', () => {
    type Output<T extends z.ZodType> = z.output<T>;
    expectTypeOf<Output<typeof responseSchemas.worker>['worker']>().toExtend<WorkerView>();
    expectTypeOf<Output<typeof responseSchemas.runtime>['runtime']>().toExtend<RuntimeView>();
    expectTypeOf<Output<typeof responseSchemas.profiles>['profiles'][number]>().toExtend<ProfileView>();
    expectTypeOf<Output<typeof responseSchemas.transcript>['entries'][number]>().toExtend<TranscriptEntry>();
    type Snapshot = Omit<Extract<Frame, { type: 'snapshot' }>, 'type'>;
    expectTypeOf<Output<typeof streamSchemas.snapshot>>().toExtend<Snapshot>();
    expectTypeOf<keyof Output<typeof responseSchemas.worker>['worker']>().toEqualTypeOf<keyof WorkerView>();
    expectTypeOf<keyof Output<typeof responseSchemas.runtime>['runtime']>().toEqualTypeOf<keyof RuntimeView>();
  });
});
