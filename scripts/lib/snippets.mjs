import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { build } from './build.mjs';
import { withCaseTable } from './case-table.mjs';
import { root } from './root.mjs';

/** A block whose fence names the file, or the region of one, that it is kept equal to: ```js examples/file.mjs#region */
const snippet = /^(```\w+ ([^\s#]+)(?:#(\S+))?\n)([\s\S]*?)(^```$)/gm;
const loose = /^```(\w+)$/gm;
const executable = new Set(['js', 'ts', 'javascript', 'typescript', 'sh']);

/** The whole file, or the lines between `#region name` and `#endregion name` without their common indentation. */
function regionOf(file, name) {
  const whole = readFileSync(root + file, 'utf8');
  if (name === undefined) return whole;
  const lines = whole.split('\n');
  const edge = (word) => lines.findIndex((line) => new RegExp(`^\\s*(//|#) ?#${word} ${name}$`).test(line));
  const [from, to] = [edge('region'), edge('endregion')];
  if (from < 0 || to < from) throw new Error(`${file} has no region ${name}`);
  const region = lines.slice(from + 1, to).filter((line) => !/^\s*(\/\/|#) ?#(end)?region /.test(line));
  const indentation = Math.min(...region.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return region.map((line) => line.slice(indentation) + '\n').join('');
}

function documents() {
  const below = readdirSync(`${root}docs`, { recursive: true }).map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', ...below].filter((file) => file.endsWith('.md'));
}

/** What a document should be, and how many of its blocks are code that runs and no snippet: those would rot. */
export function renew(text) {
  const renewed = text.replaceAll(snippet, (_, head, file, name, body, tail) => head + regionOf(file, name) + tail);
  return { renewed, rotting: [...text.matchAll(loose)].filter(([, language]) => executable.has(language)).length };
}

/** Copies the regions of `examples/` and the table of cases into the documents; `--check` only says what is stale. */
export async function main(args) {
  const check = args[0] === '--check';
  if (args.length > (check ? 1 : 0)) {
    console.error(
      'npm run snippets            renews the code in the documents\nnpm run snippets -- --check says what is stale',
    );
    return 2;
  }
  const unbuilt = await build(console.error);
  if (unbuilt !== undefined) {
    console.error(unbuilt);
    return 1;
  }
  let problems = 0;
  for (const file of documents()) {
    const text = readFileSync(root + file, 'utf8');
    const { renewed: snippets, rotting } = renew(text);
    const renewed = await withCaseTable(snippets);
    if (rotting > 0) {
      problems += 1;
      console.error(`${file}: ${String(rotting)} block(s) of code that are no snippet of examples/`);
    }
    if (renewed === text) continue;
    if (check) {
      problems += 1;
      console.error(`${file}: stale; npm run snippets renews it`);
    } else writeFileSync(root + file, renewed);
  }
  return problems > 0 ? 1 : 0;
}
