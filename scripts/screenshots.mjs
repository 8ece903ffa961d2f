import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { main } = await import('./lib/screenshots.mjs');
  process.exitCode = await main(process.argv.slice(2));
});
