import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { onSupportedNode } from './lib/node-version.mjs';

const version = 'v2.12.2';

/** Makes the newer nats-server that tests run against. Exit code 1: there is no Go that is new enough, or it could not. */
onSupportedNode(async function () {
  const { root } = await import('./lib/root.mjs');
  const { run } = await import('./lib/run.mjs');
  const folder = `${root}test/support/nats/installed`;
  const program = `${folder}/nats-server`;
  const found = existsSync(program) ? spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout : '';
  if (found.includes(version)) return;
  const go = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout ?? '';
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(go) ?? [];
  if (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 24)) {
    console.error(`nats-server ${version} is made with Go 1.24 or later; here is ${go.trim() || 'none'}`);
    process.exitCode = 1;
    return;
  }
  console.error(`making nats-server ${version} …`);
  Object.assign(process.env, { GOBIN: folder, GOTOOLCHAIN: 'local' });
  const { problem } = await run('go', ['install', `github.com/nats-io/nats-server/v2@${version}`], {
    budgetMs: 600_000,
    show: true,
  });
  if (problem !== undefined) console.error(`go install: ${problem}`);
  process.exitCode = problem === undefined ? 0 : 1;
});
