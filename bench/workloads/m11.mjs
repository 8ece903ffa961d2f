import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { rolldown } from 'rolldown';
import { consoleAssets } from 'workport/console';

/** What a page loads, compressed: the client alone, and the console. */
export const m11 = { what: 'the bytes that a page loads, compressed', peers: ['socket.io-client'], run };

async function run({ beside }) {
  const client = await bundled(fileURLToPath(import.meta.resolve('workport/client')));
  const other = await beside('Socket.IO client', async () => {
    const entry = new URL('../peers/node_modules/socket.io-client/build/esm/index.js', import.meta.url);
    return bundled(fileURLToPath(entry));
  });
  const row = (workload, most, figures) => ({
    workload: `${workload}, min and gzip`,
    unit: 'bytes',
    goal: { most },
    figures: Object.fromEntries(Object.entries(figures).map(([name, bytes]) => [name, [bytes]])),
  });
  return {
    measurements: [
      row('the client in one bundle', 10_240, { workport: client, ...other }),
      row('the console: page, script and style', 61_440, { workport: consoleBytes() }),
    ],
  };
}

async function bundled(entry) {
  const bundle = await rolldown({ input: entry, platform: 'browser', logLevel: 'silent' });
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true });
    return gzipSync(output[0].code).byteLength;
  } finally {
    await bundle.close();
  }
}

/** Each is a file of its own, and compressed so. */
function consoleBytes() {
  const isShown = ({ path }) => ['/', '/console.js', '/console.css'].includes(path);
  const sizes = consoleAssets()
    .filter(isShown)
    .map(({ body }) => gzipSync(body).byteLength);
  return sizes.reduce((sum, size) => sum + size, 0);
}
