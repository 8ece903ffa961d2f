import type * as z from 'zod';

/** A value that fits, or what does not fit about it. */
export type Fit<T = unknown> = { readonly value: T } | { readonly misfit: z.ZodError };

export function fit<T>(schema: () => z.ZodType<T>, value: unknown): Fit<T> {
  const result = schema().safeParse(value);
  return result.success ? { value: result.data } : { misfit: result.error };
}
