import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, test } from 'vitest';

import { isOnTheMachine } from '../support/is-on-the-machine.js';
import { suiteFolder } from '../support/temporary-folder.js';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the document has its reader do, one after the other: save a file, or run a command and see this. */
type Step =
  | { readonly title: string; readonly file: string; readonly text: string }
  | { readonly title: string; readonly command: string; readonly shown: readonly string[] };

const fence = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

function commandsIn(block: string): readonly Step[] {
  const [, ...runs] = `\n${block}`.split(/^\$ /m);
  return runs.map((run) => {
    const [command = '', ...shown] = run.trimEnd().split('\n');
    return { title: command, command, shown };
  });
}

function stepsIn(document: string): readonly Step[] {
  return [...document.matchAll(fence)].flatMap(([, language, source, text = '']): readonly Step[] => {
    if (language === 'console') return commandsIn(text);
    if (source === undefined || source.endsWith('.py#work')) return [];
    const file = basename(source.split('#')[0] ?? '');
    return [{ title: `save ${file}`, file, text }];
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A shown line as a pattern: `…` is anything, a line of its own any lines. */
const pattern = (shown: readonly string[]): RegExp =>
  new RegExp(shown.map((line) => (line === '…' ? '[\\s\\S]*?' : line.split('…').map(escaped).join('.*'))).join('\\n*'));

const hasPython = await isOnTheMachine('python3', '--version');
const document = await readFile(join(root, 'docs/writing-a-backend.md'), 'utf8');

describe('docs/writing-a-backend.md, in an empty folder with this package installed', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await suiteFolder();
    const packed = await execute('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: root,
    });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await execute('npm', ['install', ...quiet, `./${filename}`], { cwd: folder });
  }, 120_000);

  /** One shell: where a command leaves it, the next one is. */
  let place = '';
  const inShell = async (command: string): Promise<string> => {
    const leaving = join(folder, '.place');
    const script = `${command}\nstatus=$?; pwd > "${leaving}"; exit $status`;
    const { stdout } = await execute('sh', ['-c', script], { cwd: place || folder, timeout: 120_000 });
    place = (await readFile(leaving, 'utf8')).trim();
    return stdout;
  };
  const perform = async (step: Step): Promise<void> => {
    if ('file' in step) return writeFile(join(place || folder, step.file), step.text);
    expect(await inShell(step.command)).toMatch(pattern(step.shown));
  };

  for (const step of stepsIn(document)) {
    if (hasPython || !step.title.includes('python3')) test(step.title, () => perform(step), 130_000);
    else test.skip(`${step.title} [needs python3]`);
  }
});
