import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { buildImage } = await import('./lib/build-image.mjs');
  process.exitCode = await buildImage(process.argv.slice(2));
});
