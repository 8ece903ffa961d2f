import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { root } from './root.mjs';

/** The installed packages that are there for users, by the lock: what only development needs is left out. */
async function productionModules() {
  const { packages } = JSON.parse(await readFile(`${root}package-lock.json`, 'utf8'));
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, optional }]) => path !== '' && !dev && !devOptional && !optional)
    .map(([path]) => path);
}

/** Puts what the image is built of into a folder that is empty: needs `dist`, and no network. */
export async function imageContext(folder) {
  const copy = async (path) => {
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    await cp(root + path, to, { recursive: true });
  };
  const nested = (source) => source.slice(root.length).split('/node_modules/').length > 2;
  for (const path of ['Dockerfile', 'package.json', 'LICENSE', 'dist']) await copy(path);
  for (const path of await productionModules()) {
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    // A module's own modules have lines of their own in the lock.
    await cp(root + path, to, { recursive: true, filter: (source) => !nested(source) || source === root + path });
  }
}
