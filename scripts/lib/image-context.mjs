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
  for (const path of ['Dockerfile', 'package.json', 'LICENSE', 'dist', ...(await productionModules())]) {
    const [from, to] = [root + path, join(folder, path)];
    // A module's own modules have lines of their own in the lock.
    const filter = (source) => !source.slice(from.length).includes('/node_modules');
    await mkdir(dirname(to), { recursive: true });
    await cp(from, to, { recursive: true, filter });
  }
}
