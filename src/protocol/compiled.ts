import * as z from 'zod';

/** A schema that is compiled when it is asked for first: compiling takes long, and a start waits for all that is loaded. */
export function compiledLate<T extends z.ZodType>(schema: T): () => T {
  let made: T | undefined;
  return () => (made ??= z.compile(schema));
}
