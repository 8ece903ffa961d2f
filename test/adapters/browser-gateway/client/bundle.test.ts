import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import ts from 'typescript';
import { expect, test } from 'vitest';

import { bundledClient, clientEntry } from '../../../support/bundled-client.js';

/** Every built file that the entry loads, with the specifiers that it names. */
function loaded(entry: string): Map<string, readonly string[]> {
  const files = new Map<string, readonly string[]>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    const specifiers = ts.preProcessFile(readFileSync(path, 'utf8')).importedFiles.map(({ fileName }) => fileName);
    files.set(path, specifiers);
    for (const specifier of specifiers) if (specifier.startsWith('.')) visit(join(dirname(path), specifier));
  };
  visit(entry);
  return files;
}

test('the client is at most 10 kB for a page, compressed, and holds nothing of Node and no package', async () => {
  const code = await bundledClient();
  expect(gzipSync(code).byteLength).toBeLessThanOrEqual(10_000);
  expect(code).not.toMatch(/node:|require\(|process\.|zod/i);
});

test('the built client imports files of its own and what every part waits with, and nothing else', () => {
  const files = loaded(clientEntry);
  const specifiers = [...files.values()].flat();
  expect(files.size).toBeGreaterThan(5);
  const foreign = specifiers.filter((specifier) => !specifier.startsWith('./'));
  expect([...new Set(foreign)]).toEqual(['../../../ports/abort.js']);
});
