/** Edits (insert, delete, replace) between two words. */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length];
}

/** The word that was probably meant, or `undefined`. */
export function nearMatch(word, words) {
  const close = words
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .filter(
      ({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 2)) || candidate.startsWith(word),
    )
    .sort((a, b) => a.edits - b.edits);
  return close[0]?.candidate;
}
