/** What was thrown, in words: whatever it is, also where it cannot be made a text. */
export function messageOf(cause: unknown): string {
  try {
    return String(cause instanceof Error ? cause.message : cause);
  } catch {
    return 'something that cannot be made a text';
  }
}
