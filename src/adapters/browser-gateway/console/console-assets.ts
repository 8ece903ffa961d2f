import { readFileSync } from 'node:fs';

import type { Asset } from '../edge/asset.js';

/** Where the build puts them. As far from the sources as from what is built of them. */
const folder = new URL('../../../../dist/console/', import.meta.url);

const files = [
  { path: '/', file: 'index.html', contentType: 'text/html; charset=utf-8' },
  { path: '/console.js', file: 'console.js', contentType: 'text/javascript; charset=utf-8' },
  { path: '/console.css', file: 'console.css', contentType: 'text/css; charset=utf-8' },
  { path: '/icon.svg', file: 'icon.svg', contentType: 'image/svg+xml' },
  { path: '/licenses.txt', file: 'licenses.txt', contentType: 'text/plain; charset=utf-8' },
] as const;

/**
 * The console: a page at `/` for people, over the browser API of the host that serves it. It can do what the token can
 * that it is given, and knows nothing that the API does not tell. Throws where it was not built.
 */
export const consoleAssets = (): readonly Asset[] =>
  files.map(({ path, file, contentType }) => ({
    path,
    contentType,
    body: readFileSync(new URL(file, folder), 'utf8'),
  }));
