import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';

import { surface } from './surface.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
};
const sourceOf = (built: string): string => join(root, built.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'));
const entries = Object.entries(manifest.exports).flatMap(([entry, target]) =>
  typeof target === 'string' ? [] : [{ entry, source: sourceOf(target.default), target }],
);

let program: ts.Program;
beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: unknown };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  program = ts.createProgram(
    entries.map(({ source }) => source),
    options,
  );
});

function exportsOf(source: string): { readonly values: readonly string[]; readonly types: readonly string[] } {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(source);
  const module = file && checker.getSymbolAtLocation(file);
  const names = { values: [] as string[], types: [] as string[] };
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const typeOnly = symbol.declarations?.some(
      (declaration) =>
        ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly),
    );
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    names[!typeOnly && target.flags & ts.SymbolFlags.Value ? 'values' : 'types'].push(symbol.name);
  }
  return { values: names.values.sort(), types: names.types.sort() };
}

/** Every source that an entry loads at run time, and the packages and Node modules they name. */
function loadedBy(source: string): { readonly files: readonly string[]; readonly bare: readonly string[] } {
  const files = new Set<string>();
  const bare = new Set<string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    const { importedFiles } = ts.preProcessFile(
      ts.transpileModule(readFileSync(path, 'utf8'), {
        compilerOptions: { verbatimModuleSyntax: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      }).outputText,
    );
    for (const { fileName } of importedFiles) {
      if (fileName.startsWith('.')) visit(join(dirname(path), fileName.replace(/\.js$/, '.ts')));
      else bare.add(fileName);
    }
  };
  visit(source);
  return { files: [...files].map((path) => relative(root, path)).sort(), bare: [...bare].sort() };
}

test('every entry of package.json is pinned, and no other', () => {
  expect(entries.map(({ entry }) => entry).sort()).toEqual(Object.keys(surface).sort());
});

test.for(entries)('entry $entry exports exactly the pinned names', ({ entry, source }) => {
  expect(exportsOf(source)).toEqual(surface[entry]);
});

test.for(entries)('entry $entry has its types beside its code', ({ target }) => {
  expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
});

test('no entry exports a bare Worker, which is a global of browsers and of Node', () => {
  for (const { source } of entries) {
    const { values, types } = exportsOf(source);
    expect([...values, ...types]).not.toContain('Worker');
  }
});

test('the root entry loads no module of Node and no package but zod', () => {
  const source = join(root, 'src/index.ts');
  expect(loadedBy(source).bare.filter((name) => name !== 'zod')).toEqual([]);
});

test('what is not an entry does not resolve', () => {
  const { resolve } = createRequire(join(root, 'package.json'));
  expect(() => resolve('workport/dist/runtime/mailbox.js')).toThrow(
    expect.objectContaining({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }),
  );
});
