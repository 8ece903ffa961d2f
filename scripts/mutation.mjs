import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { launch } = await import('./lib/launch.mjs');
  await launch('node_modules/@stryker-mutator/core/bin/stryker.js', [
    'run',
    'stryker.config.mjs',
    ...process.argv.slice(2),
  ]);
});
