import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { rolldown } from 'rolldown';

import { root } from './root.mjs';

const page = `${root}src/adapters/browser-gateway/console/page/`;
const target = `${root}dist/console/`;

/** The packages that are part of the bundle, with the text that each asks to be passed on. */
const licenses = () =>
  ['preact', 'diff'].map((name) => {
    const { version, license } = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8'));
    return `${name} ${version} (${license})\n\n${readFileSync(`${root}node_modules/${name}/LICENSE`, 'utf8')}`;
  });

/** Bundles the page of the console into `dist/console`. Answers what failed, else `undefined`. */
export async function buildConsole() {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  try {
    const bundle = await rolldown({
      input: `${page}main.tsx`,
      platform: 'browser',
      logLevel: 'silent',
      tsconfig: `${page}tsconfig.json`,
      resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    });
    await bundle.write({ file: `${target}console.js`, format: 'esm', minify: true });
    await bundle.close();
  } catch (error) {
    return `build: the console could not be bundled\n${error.message}`;
  }
  for (const file of ['index.html', 'console.css', 'icon.svg']) copyFileSync(page + file, target + file);
  writeFileSync(`${target}licenses.txt`, licenses().join('\n'));
  return undefined;
}
