import type { Canary } from './canary.js';

/** Encodings that can be undone on the whole: what a canary looks like in them needs no knowing. */
const views: readonly ((text: string) => string)[] = [
  (text) => text,
  percentDecoded,
  (text) => percentDecoded(text.replaceAll('+', ' ')),
  unescaped,
  (text) => unescaped(unescaped(text)),
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

/** Where each canary that `bytes` give away was planted: plain, URL-encoded, JSON-escaped or in base64. */
export function findLeaks(bytes: string, planted: readonly Canary[]): readonly string[] {
  const seen = views.map((view) => view(bytes));
  const leaks = planted.filter(({ value }) => {
    const cores = base64Cores(value);
    return seen.some((text) => text.includes(value) || cores.some((core) => text.includes(core)));
  });
  return leaks.map(({ where }) => where);
}
