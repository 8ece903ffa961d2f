import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { prepare } = await import('./lib/launch.mjs');
  await prepare();
});
