import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import {
  erroredCodes,
  publishRefusalCodes,
  rejectedCodes,
  runFailureCodes,
  streamEndCodes,
  unconnectedReasons,
} from '../../src/domain/codes.js';
import { socketCloseCodes } from '../../src/protocol/browser-socket.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const below = (folder: string, end: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(end))
        .map((name) => `${folder}/${name}`)
        .sort()
    : [];
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below('docs', '.md')].filter((path) =>
  existsSync(join(root, path)),
);

describe('docs/errors.md', () => {
  test('has one heading for each code, and none for another', () => {
    const codes = new Set<string>([
      ...rejectedCodes,
      ...erroredCodes,
      ...publishRefusalCodes,
      ...streamEndCodes,
      ...unconnectedReasons,
      ...runFailureCodes,
    ]);
    const headings = [...read('docs/errors.md').matchAll(/^## (\S+)$/gm)].map(([, code]) => code);
    expect(headings.toSorted()).toEqual([...codes].sort());
  });
});

describe('docs/browser-api.md', () => {
  test('names each close of a socket with its code, and no other but that of a message that is too long', () => {
    const rows = [...read('docs/browser-api.md').matchAll(/^\| (\d{4}) +\| (?:`([a-z-]+)`)? +\|/gm)];
    const told = rows.map(([, code, name]) => [name ?? '', Number(code)]);
    expect(Object.fromEntries(told)).toEqual({ ...socketCloseCodes, '': 1009 });
  });
});

describe('rules', () => {
  /** Rules that no test can name yet, each with its reason. */
  const notYetTestable: Readonly<Record<string, string>> = {};

  const stated = ['docs/rules.md', 'docs/protocol.md'].flatMap((path) =>
    [...read(path).matchAll(/^- \*\*([WOPREB]\d+)\*\*/gm)].map(([, id]) => id ?? ''),
  );

  /** `W7`, `W6, W8`, `O1–O4`: each id that is named. */
  const idsIn = (list: string): readonly string[] =>
    list.split(/, | and /).flatMap((part) => {
      const [, letter = '', from = '', to = from] = /^([A-Z])(\d+)(?:–[A-Z](\d+))?$/.exec(part) ?? [];
      return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => `${letter}${Number(from) + index}`);
    });

  /** Ids at the start of a title (`W7: …`, `W6, O1–O4: …`) or alone in a contract case (`rules: ['W7']`). */
  const cited = new Map<string, string>();
  const citation = /['"`]([WOPREB]\d+(?:(?:, | and |–)[WOPREB]\d+)*)(?::|['"`])/g;
  // Lists of rules that a suite does not find cite none.
  const isList = (path: string): boolean => /\/rules(\.test)?\.ts$/.test(path);
  for (const path of [...below('test', '.ts'), ...below('src/contracts', '.ts')].filter((path) => !isList(path))) {
    for (const [, list = ''] of read(path).matchAll(citation)) for (const id of idsIn(list)) cited.set(id, path);
  }
  // This file names the rules that are not cited.
  const citedElsewhere = [...cited].filter(([, path]) => path !== 'test/house/documents.test.ts').map(([id]) => id);

  test('each is stated once', () => {
    expect(stated).toEqual([...new Set(stated)]);
    expect(stated.length).toBeGreaterThan(40);
  });
  test('each that a test or contract case cites is stated', () => {
    expect(citedElsewhere.filter((id) => !stated.includes(id))).toEqual([]);
  });
  test('each that is stated is cited by a test or contract case, unless it is not yet testable', () => {
    expect(stated.filter((id) => !citedElsewhere.includes(id) && !(id in notYetTestable))).toEqual([]);
  });
  test('none that is cited stands in the list of those that are not yet testable', () => {
    expect(Object.keys(notYetTestable).filter((id) => citedElsewhere.includes(id) || !stated.includes(id))).toEqual([]);
  });
});

describe('documents', () => {
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const anchors = (path: string): readonly string[] =>
    [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading ?? ''));

  test.for(documents)('%s links to what is there', (path) => {
    const text = read(path).replace(/^```[\s\S]*?^```/gm, '');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(root, linked))) return true;
        return anchor !== undefined && !anchors(linked).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  test('security.md cites tests by their titles', () => {
    const cited = read('docs/security.md').split('](../test/').slice(1);
    expect(cited.length).toBeGreaterThan(20);
    const missing = cited.flatMap((text) => {
      const path = `test/${text.slice(0, text.indexOf(')'))}`;
      const tests = read(path);
      const titles = [...text.matchAll(/“([^”]+)”/g)].map(([, title]) => title ?? '');
      return titles.filter((title) => !tests.includes(title)).map((title) => `${path}: ${title}`);
    });
    expect(missing).toEqual([]);
  });

  test.for(documents)('%s names no path of a machine', (path) => {
    expect(read(path).match(/(?<![\w.])\/(?:home|root|Users|work|tmp|var|opt|mnt)\/\S*|[A-Z]:\\\S*/g) ?? []).toEqual(
      [],
    );
  });

  test('README.md has at most 120 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(121);
  });

  test('code in the documents is the code of examples/', async () => {
    const checked = promisify(execFile)(process.execPath, ['scripts/snippets.mjs', '--check'], { cwd: root });
    await expect(checked).resolves.toMatchObject({ stderr: '' });
  });

  test('every decision is numbered without a gap, has a status and stands in the index', () => {
    const records = below('docs/adr', '.md').filter((path) => /\/\d{4}-/.test(path));
    const index = read('docs/adr/README.md');
    records.forEach((path, position) => {
      const number = String(position + 1).padStart(4, '0');
      expect(path).toContain(`/${number}-`);
      expect(read(path)).toMatch(
        new RegExp(`^# ${number}: .+\n\n- Status: (proposed|accepted|superseded by \\d{4})\n`),
      );
      expect(index).toContain(path.replace('docs/adr/', ''));
    });
  });
});
