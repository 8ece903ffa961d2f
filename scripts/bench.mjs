import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { launch } = await import('./lib/launch.mjs');
  await launch('bench/run.mjs', process.argv.slice(2));
});
