import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { loadScript, root } from '../house/load-script.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Picture {
  readonly name: string;
  readonly scene: 'checkout' | 'agent';
  readonly viewport: { readonly width: number; readonly height: number };
  readonly scale: number;
}
const { screenshots, pictures } = await loadScript<{
  readonly pictures: readonly Picture[];
  screenshots(folder: string): Promise<readonly (Picture & { readonly text: string })[]>;
}>('scripts/lib/screenshots.mjs');

const maxBytes = 200_000;
const pngSignature = '89504e470d0a1a0a';
const documented = fileURLToPath(new URL('docs/console/', root));

/** Width and height, as the head of a PNG has them. */
async function dimensionsOf(file: string): Promise<readonly [number, number]> {
  const png = await readFile(file);
  expect(png.byteLength).toBeLessThan(maxBytes);
  expect(png.subarray(0, 8).toString('hex')).toBe(pngSignature);
  expect(png.subarray(12, 16).toString()).toBe('IHDR');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

const expected = ({ viewport, scale }: Picture): readonly [number, number] => [
  viewport.width * scale,
  viewport.height * scale,
];

test('the documents have a picture of the console in light, in dark, on a phone and of an agent', async () => {
  expect(pictures.map(({ name }) => name)).toEqual(['light', 'dark', 'phone', 'agent']);
  for (const picture of pictures) {
    expect(await dimensionsOf(join(documented, `${picture.name}.png`))).toEqual(expected(picture));
  }
});

const parts: Readonly<Record<Picture['scene'], readonly string[]>> = {
  checkout: ['Flaky checkout test', 'Run checkout/total.test.js', '19 of 20 runs passed', 'Change it'],
  agent: ['Exact totals', '1 of 4 steps completed', 'new file', '+2 −1 lines', 'Always allow edits'],
};

test.skipIf(!isChromiumThere)(
  'the script shows Workers, one of them in the middle of a run that asks, and nothing of the machine [needs chromium]',
  async () => {
    const folder = await temporaryFolder();
    const shown = await screenshots(folder);
    for (const picture of shown) {
      expect(await dimensionsOf(join(folder, `${picture.name}.png`))).toEqual(expected(picture));
      const { text, scene } = picture;
      for (const part of parts[scene]) expect(text).toContain(part);
      expect(text).not.toMatch(/127\.0\.0\.1|localhost|\/home\/|\/tmp\/|#code=/);
    }
    for (const { text } of shown.filter(({ name }) => name !== 'phone')) {
      for (const name of ['Release notes', 'Nightly import', 'Dependency audit']) expect(text).toContain(name);
    }
  },
);

test('the script refuses what it does not know with how it is used, and says where there is no Chromium', async () => {
  const run = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const options = { cwd: fileURLToPath(root), env: { ...process.env, ...env }, timeout: 30_000 };
    const script = ['scripts/screenshots.mjs', ...args];
    return promisify(execFile)(process.execPath, script, options).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: unknown) => {
        const { code, stderr } = error as { readonly code: number; readonly stderr: string };
        return { code, said: stderr };
      },
    );
  };
  expect(await run(['--help'])).toMatchObject({
    code: 0,
    said: expect.stringContaining('npm run screenshots') as string,
  });
  expect(await run(['--fast'])).toMatchObject({
    code: 2,
    said: expect.stringContaining('npm run screenshots') as string,
  });
  const nowhere = await run([await temporaryFolder()], { CHROMIUM_PATH: '/nowhere' });
  expect(nowhere).toMatchObject({
    code: 1,
    said: expect.stringMatching(/there is no Chromium.*CHROMIUM_PATH/) as string,
  });
});
