import type { Canary } from './canary.js';

/** Encodings that can be undone on the whole: what a canary looks like in them needs no knowing. */
const views: readonly ((text: string) => string)[] = [
  (text) => text,
  percentDecoded,
  (text) => percentDecoded(text.replaceAll('+', ' ')),
  unescaped,
  (text) => unescaped(unescaped(text)),
  markupDecoded,
];

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** JSON's escapes undone, wherever they stand. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (escapes[letter ?? ''] ?? letter ?? '') : String.fromCharCode(parseInt(code, 16)),
  );
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", uuml: 'ü' };

/** The entities undone that a page is written with. */
function markupDecoded(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole;
    const code = hex === undefined ? Number(decimal) : parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** What a value contributes to a base64 text, wherever in it the value begins. */
function base64Cores(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters depend on what stands beside.
    const core = text.slice(offset === 0 ? 0 : offset + 1, -2);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** In whatever case; and as the digits of its bytes, or from its end. */
function foldedForms(value: string): readonly string[] {
  const folded = value.toLowerCase();
  return [folded, Buffer.from(value, 'utf8').toString('hex'), Array.from(folded).reverse().join('')];
}

/** A search for those canaries: plain, in any case, URL-encoded, JSON-escaped, as markup, in base64 or in hex, or reversed. It answers where each was planted. */
export function leakSearch(planted: readonly Canary[]): (text: string) => readonly string[] {
  const sought = planted.map(({ where, value }) => ({
    where,
    forms: base64Cores(value),
    folded: foldedForms(value),
  }));
  return (text) => {
    const seen = [...new Set(views.map((view) => view(text)))];
    const lower = seen.map((view) => view.toLowerCase());
    const holds = (texts: readonly string[], forms: readonly string[]): boolean =>
      texts.some((one) => forms.some((form) => one.includes(form)));
    const leaks = sought.filter(({ forms, folded }) => holds(seen, forms) || holds(lower, folded));
    return leaks.map(({ where }) => where);
  };
}

/** Where each canary that `text` gives away was planted. */
export const findLeaks = (text: string, planted: readonly Canary[]): readonly string[] => leakSearch(planted)(text);
