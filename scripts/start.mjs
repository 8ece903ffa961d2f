import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { launch } = await import('./lib/launch.mjs');
  await launch('dist/cli/main.js', ['serve', ...process.argv.slice(2)]);
});
