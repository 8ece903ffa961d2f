import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { rename, symlink, unlink } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { openConfined } from '../../../../src/adapters/execution-backend/acp/confined.js';
import { readTextFile, writeTextFile } from '../../../../src/adapters/execution-backend/acp/files.js';
import { agentBackend, agentFolder, connectedWorker, reply } from './support.js';

/** A Worker's folder with a few things in it, and a neighbour that it has no business with. */
function folders() {
  const all = agentFolder();
  const root = join(all, 'root');
  const outside = join(all, 'root-outside');
  for (const folder of [root, outside, join(root, 'folder')]) mkdirSync(folder);
  writeFileSync(join(outside, 'secret'), 'CANARY');
  writeFileSync(join(root, 'notes'), 'one\ntwo\nthree\n');
  symlinkSync(join(outside, 'secret'), join(root, 'link'));
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(join(outside, 'new'), join(root, 'dangling'));
  symlinkSync('notes', join(root, 'within'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('/dev/zero', join(root, 'device'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  return { root, outside };
}

const escapes = [
  ['..', '../root-outside/secret'],
  ['a name that begins as the folder does', '../root-outside/secret'],
  ['a link to a file', 'link'],
  ['a link to a folder', 'out/secret'],
  ['a link to nothing yet', 'dangling'],
  ['a new file by a link to a folder', 'out/new'],
  ['a link to itself', 'loop'],
  ['a link to a device', 'device'],
  ['a pipe', 'fifo'],
  ['a folder', 'folder'],
  ['the folder itself', '.'],
  ['.. past a link', 'folder/../../root-outside/secret'],
] as const;

describe('confinement', () => {
  test.each(escapes)('%s is neither read nor written', async (_what, path) => {
    const { root, outside } = folders();
    await expect(readTextFile(root, { path: join(root, path) })).rejects.toThrow();
    await expect(readTextFile(root, { path: `${root}/${path}` })).rejects.toThrow();
    await expect(writeTextFile(root, { path: `${root}/${path}`, content: 'x' })).rejects.toThrow();
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('CANARY');
    expect(() => readFileSync(join(outside, 'new'))).toThrow('ENOENT');
  });

  test('relative paths are refused, whatever the host works in', async () => {
    const { root } = folders();
    await expect(readTextFile(root, { path: 'notes' })).rejects.toThrow('not an absolute path');
  });

  test('a folder that is itself reached by a link is the folder', async () => {
    const { root } = folders();
    const alias = join(dirname(root), 'alias');
    symlinkSync(root, alias);
    expect(await readTextFile(alias, { path: join(alias, 'notes') })).toEqual({ content: 'one\ntwo\nthree\n' });
    expect(await readTextFile(alias, { path: join(root, 'within') })).toEqual({ content: 'one\ntwo\nthree\n' });
  });

  test('a link that is swapped in while a file is opened never shows what is outside', async () => {
    const { root, outside } = folders();
    const path = join(root, 'folder', 'secret');
    writeFileSync(path, 'mine');
    let isOver = false;
    const swapping = (async () => {
      while (!isOver) {
        await rename(join(root, 'folder'), join(root, 'aside'));
        await symlink(outside, join(root, 'folder'));
        await unlink(join(root, 'folder'));
        await rename(join(root, 'aside'), join(root, 'folder'));
      }
    })();
    const seen = new Set<string>();
    for (let count = 0; count < 400; count += 1) {
      const content = await readTextFile(root, { path }).then(
        (read) => read.content,
        () => 'refused',
      );
      await writeTextFile(root, { path, content: 'mine' }).catch(() => undefined);
      await writeTextFile(root, { path: `${path}-new`, content: 'mine' }).catch(() => undefined);
      seen.add(content);
    }
    isOver = true;
    await swapping;
    expect([...seen].filter((content) => content.includes('CANARY'))).toEqual([]);
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('CANARY');
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  test('what is opened is closed where it is refused', async () => {
    const { root } = folders();
    for (let count = 0; count < 50; count += 1)
      await expect(openConfined(root, join(root, 'folder'), constants.O_RDONLY)).rejects.toThrow('is no file');
  });
});

describe('files', () => {
  test('line counts from 1, limit counts lines, and past the end there is nothing', async () => {
    const { root } = folders();
    const read = async (line?: number, limit?: number) => {
      const numbers = { ...(line !== undefined && { line }), ...(limit !== undefined && { limit }) };
      return (await readTextFile(root, { path: join(root, 'notes'), ...numbers })).content;
    };
    expect(await read()).toBe('one\ntwo\nthree\n');
    expect(await read(2)).toBe('two\nthree\n');
    expect(await read(2, 1)).toBe('two');
    expect(await read(undefined, 2)).toBe('one\ntwo');
    expect(await read(0, 1)).toBe('one');
    expect(await read(1, 0)).toBe('');
    expect(await read(9, 9)).toBe('');
  });

  test('one that is larger than 4 MiB is not read', async () => {
    const { root } = folders();
    truncateSync(join(root, 'notes'), 4 * 1024 * 1024 + 1);
    await expect(readTextFile(root, { path: join(root, 'notes') })).rejects.toThrow('is larger than');
  });

  test('a write replaces all of a file, and makes it where it is not there', async () => {
    const { root } = folders();
    await writeTextFile(root, { path: join(root, 'notes'), content: 'é' });
    expect(readFileSync(join(root, 'notes'), 'utf8')).toBe('é');
    await writeTextFile(root, { path: join(root, 'folder', 'new'), content: 'n' });
    expect(readFileSync(join(root, 'folder', 'new'), 'utf8')).toBe('n');
    await expect(writeTextFile(root, { path: join(root, 'no', 'new'), content: '' })).rejects.toThrow('ENOENT');
  });

  test.each([
    ['none', 'error -32601', 'error -32601', { readTextFile: false, writeTextFile: false }],
    ['read', '{"content":"one"}', 'error -32601', { readTextFile: true, writeTextFile: false }],
    ['write', '{"content":"one"}', '{}', { readTextFile: true, writeTextFile: true }],
  ] as const)('an agent that may %s gets that, and is told so', async (files, read, written, told) => {
    const { backend, folder } = agentBackend([], { files });
    writeFileSync(join(folder, 'notes'), 'one');
    const worker = await connectedWorker(backend);
    expect(await reply(backend, worker, 'read notes')).toContain(read);
    expect(await reply(backend, worker, 'write notes two')).toContain(written);
    expect(await reply(backend, worker, 'read ../../etc/passwd')).toContain('error');
    const capabilities = (JSON.parse(await reply(backend, worker, 'said initialize')) as Record<string, unknown>)[
      'clientCapabilities'
    ];
    expect(capabilities).toMatchObject({ fs: told, terminal: false });
    expect(await reply(backend, worker, 'terminal echo hi')).toContain('error -32601');
  });
});
