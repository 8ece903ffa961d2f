import { Script } from 'node:vm';

const candidate = /\bimport(?=\s*\()/g;
const maxCandidates = 100;

/**
 * The inspector gives code no way to `import()`: each such call is made a call of the global function `name`.
 * Whether a place is code or text is asked of the compiler: in code, what is no expression does not compile there.
 */
export function withDynamicImports(code: string, name: string): string {
  const places = [...code.matchAll(candidate)].map(({ index }) => index);
  if (places.length === 0 || places.length > maxCandidates || !compiles(code)) return code;
  const calls = places.filter((place) => isCall(code, place));
  let rewritten = '';
  let from = 0;
  for (const place of calls) {
    rewritten += code.slice(from, place) + name;
    from = place + 'import'.length;
  }
  return rewritten + code.slice(from);
}

function isCall(code: string, place: number): boolean {
  const before = code.slice(0, place);
  const after = code.slice(place + 'import'.length);
  const isMember = /(^|[^.])\.\s*$/.test(before);
  return !isMember && !compiles(`${before}@@${after}`) && compiles(`${before}(1)${after}`);
}

/** In an async function `await` is what it is at the top level. */
function compiles(code: string): boolean {
  try {
    new Script(`(async () => {\n${code}\n})`);
    return true;
  } catch {
    return false;
  }
}
