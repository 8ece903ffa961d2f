/** What of a zod schema is needed to read a message: compiled ones fit too. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}
