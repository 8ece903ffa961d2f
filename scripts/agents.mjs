import { onSupportedNode } from './lib/node-version.mjs';

onSupportedNode(async function () {
  const { install } = await import('./lib/install.mjs');
  const problem = await install(console.error, 'test/agents/installed/');
  if (problem !== undefined) console.error(problem);
  process.exitCode = problem === undefined ? 0 : 1;
});
