/** A word of a command line: bare characters, escaped ones, and quoted stretches. */
const word = /(?:[^\s"'\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/y;
const piece = /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\s"'\\]+)/g;

function unquoted(text: string): string {
  return text.replace(piece, (_, escaped?: string, single?: string, double?: string, bare?: string) => {
    return escaped ?? single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? bare ?? '';
  });
}

/** Splits as a shell does, with its quotes and without any expansion. `undefined` where a quote is not closed. */
export function splitCommand(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const blanks = /\s*/y;
  for (let position = 0; ; position = word.lastIndex) {
    blanks.lastIndex = position;
    blanks.exec(text);
    if (blanks.lastIndex === text.length) return words;
    word.lastIndex = blanks.lastIndex;
    const found = word.exec(text);
    if (!found) return undefined;
    words.push(unquoted(found[0]));
  }
}
