import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { launch } = await import('./lib/launch.mjs');
  const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js';
  await launch(stryker, ['run', 'stryker.config.mjs', ...process.argv.slice(2)], { built: false });
});
