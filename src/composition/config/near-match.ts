/** Edits (insert, delete, replace) between two words. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(to).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

const longestWord = 64;

/** The word that was probably meant. */
export function nearMatch(word: string, words: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined;
  const close = words
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return close[0]?.candidate;
}

/** What is said after something that is not known: what was probably meant, and what is allowed. */
export function suggestion(word: string, allowed: readonly string[]): string {
  const near = nearMatch(word, allowed);
  const list = allowed.join(', ');
  return near === undefined ? `; allowed: ${list}` : `; did you mean "${near}"? Allowed: ${list}`;
}
