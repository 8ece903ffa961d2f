/** A piece of hostile text as it is shown. A link's text is its address, and nothing else of it is. */
export interface Token {
  readonly is: 'text' | 'link' | 'control';
  readonly text: string;
}

/** Of characters. A longer address is no link. */
const maxAddress = 2_048;

const colours = /(?:\u001b\[|\u009b)[0-9;:]*m/g;

/** More marks on one letter than any script has (UAX #15, Stream-Safe): a browser takes seconds to pile up thousands. */
const maxMarks = 30;

/** In this order: ends of lines, control characters, bidirectional controls, marks that are too many, addresses. */
const special = new RegExp(
  [
    '(?<end>\\r\\n?)',
    '(?<control>[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f])',
    '(?<bidi>[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069])',
    `(?<=\\p{M}{${maxMarks}})(?<mark>\\p{M})`,
    `(?<address>(?<![\\w@])https?:\\/\\/[^\\s\\u0000-\\u001f\\u007f-\\u009f"'<>\`\\\\^{|}]{1,${maxAddress}})`,
  ].join('|'),
  'giu',
);

const hexOf = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** The picture of a control character. */
function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\x${hexOf(code, 2)}`;
}

/** As much of what looks like an address as is one: what ends a sentence, or the brackets around it, is not of it. */
function addressIn(run: string): string {
  let end = run.length;
  for (; end > 0; end -= 1) {
    const last = run.charAt(end - 1);
    const isOutside = (last === ')' && !run.includes('(')) || (last === ']' && !run.includes('['));
    if (!isOutside && !/[.,;:!?*]/.test(last)) break;
  }
  return run.slice(0, end);
}

/** Only what a reader can see through: printable ASCII, and no user name that looks like a host. */
function isLink(address: string): boolean {
  if (!/^[!-~]+$/.test(address)) return false;
  if (!URL.canParse(address)) return false;
  const { username, password, hostname } = new URL(address);
  return username === '' && password === '' && hostname !== '' && !/^https?:\/\/[^/?#]*@/i.test(address);
}

/** Joins neighbours of the same kind as they come. */
function tokenList(): { readonly tokens: Token[]; readonly push: (is: Token['is'], text: string) => void } {
  const tokens: Token[] = [];
  const push = (is: Token['is'], text: string): void => {
    const last = tokens.at(-1);
    if (text === '') return;
    if (last?.is === is && is !== 'link') tokens[tokens.length - 1] = { is, text: last.text + text };
    else tokens.push({ is, text });
  };
  return { tokens, push };
}

/**
 * A text of a Worker as it can be shown, whatever is in it: control characters as their pictures, bidirectional
 * controls and marks beyond thirty on one letter as their numbers, http and https addresses as links, all else as it is. Left out are the colours of
 * terminals alone; every end of a line is a new line. No token holds a control character but tab and new line, nor a
 * bidirectional control.
 */
export function tokensOf(given: string): readonly Token[] {
  const text = given.replace(colours, '');
  const { tokens, push } = tokenList();

  function take(groups: Readonly<Record<string, string | undefined>>): void {
    if (groups['end'] !== undefined) push('text', '\n');
    if (groups['control'] !== undefined) push('control', pictureOf(groups['control']));
    const invisible = groups['bidi'] ?? groups['mark'];
    if (invisible !== undefined) push('control', `[U+${hexOf(invisible.codePointAt(0) ?? 0, 4).toUpperCase()}]`);
  }

  /** What looked like an address: it may hold bidirectional controls, where it is none. */
  function takeAddress(run: string): void {
    const address = addressIn(run);
    const isWhole = run.length < maxAddress && isLink(address) && /^[!-~]*$/.test(run);
    if (isWhole) push('link', address);
    const rest = isWhole ? run.slice(address.length) : run;
    for (const piece of rest.split(/([\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])/)) {
      if (/^[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]$/.test(piece)) take({ bidi: piece });
      else push('text', piece);
    }
  }

  let from = 0;
  for (const match of text.matchAll(special)) {
    push('text', text.slice(from, match.index));
    from = match.index + match[0].length;
    const groups = match.groups ?? {};
    if (groups['address'] === undefined) take(groups);
    else takeAddress(groups['address']);
  }
  push('text', text.slice(from));
  return tokens;
}

/** The text as it is shown, for where there can be text alone. */
export const shownText = (text: string): string =>
  tokensOf(text)
    .map((token) => token.text)
    .join('');
