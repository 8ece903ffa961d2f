// Every figure is a ratio within one run: Workport beside a floor and peers, interleaved, so that a noisy machine moves all.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { installPeers, versionsOf } from './lib/peers.mjs';
import { writePlots } from './lib/plot.mjs';
import { holdsProfiles, profiled, profileFolder, tellProfiles } from './lib/profile.mjs';
import { table, toRow } from './lib/rows.mjs';
import { m1 } from './workloads/m1.mjs';
import { m2 } from './workloads/m2.mjs';
import { m3 } from './workloads/m3.mjs';
import { m4 } from './workloads/m4.mjs';
import { m5 } from './workloads/m5.mjs';
import { m6 } from './workloads/m6.mjs';
import { m7 } from './workloads/m7.mjs';
import { m8 } from './workloads/m8.mjs';
import { m9 } from './workloads/m9.mjs';
import { m10 } from './workloads/m10.mjs';
import { m11 } from './workloads/m11.mjs';
import { m12 } from './workloads/m12.mjs';
import { s1 } from './workloads/s1.mjs';
import { s2 } from './workloads/s2.mjs';
import { s3 } from './workloads/s3.mjs';

const benches = {
  M1: m1,
  M2: m2,
  M3: m3,
  M4: m4,
  M5: m5,
  M6: m6,
  M7: m7,
  M8: m8,
  M9: m9,
  M10: m10,
  M11: m11,
  M12: m12,
  S1: s1,
  S2: s2,
  S3: s3,
};
const usage = `usage: npm run bench -- [ID …] [--json FILE] [--quick] [--rounds N] [--no-peers] [--plots FOLDER]
                           [--profile FOLDER] [--costs]

Runs the workloads of docs/benchmarks.md, each beside its floor and its peers. Without an ID: all of them.
${Object.entries(benches)
  .map(([id, { what }]) => `  ${id.padEnd(5)} ${what}`)
  .join('\n')}

  --json FILE   write the rows as JSON
  --quick       a tiny size, for correctness only: its figures mean nothing
  --rounds N    rounds of each side, interleaved; 5, at least 1
  --no-peers    Workport and its floors alone; nothing is installed, no plot is drawn
  --plots FOLDER
                where the plots go; docs/benchmarks, and none of a quick run
  --profile FOLDER
                writes profiles there, of this process and of the programs that it starts and that end by themselves, and
                says where their time went; a folder that holds no profile yet
  --costs       instead, and alone: what an event and an input cost in promises, timers, bytes and calls, and the most
                that they may; independent of the machine's speed; bytes are those of Node 20. Fails where one costs
                more`;

const say = (line) => console.error(line);

function fail(line) {
  say(line);
  process.exit(2);
}

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        plots: { type: 'string' },
        'no-peers': { type: 'boolean', default: false },
        profile: { type: 'string' },
        costs: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`);
  }
}

const { values, positionals } = asked();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
/** Goes on in another process of Node. */
function again(args, env = {}) {
  return spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
}
if (values.costs) {
  const given = ['json', 'quick', 'rounds', 'plots', 'profile'].filter((name) => values[name]);
  const refused = [...positionals, ...given.map((name) => `--${name}`)];
  if (refused.length > 0) fail(`--costs stands alone: give it without ${refused.join(', ')}`);
  const costs = fileURLToPath(new URL('costs.mjs', import.meta.url));
  process.exit(again(['--min-semi-space-size=256', '--max-semi-space-size=256', costs]));
}
if (values.profile && !profileFolder) {
  const folder = resolve(values.profile);
  if (holdsProfiles(folder)) fail(`--profile: ${folder} already holds profiles; name another folder, or remove them`);
  mkdirSync(folder, { recursive: true });
  const status = again([...profiled(folder, process.argv[1]), ...process.argv.slice(1)], {
    WORKPORT_BENCH_PROFILE: folder,
  });
  tellProfiles(folder, (line) => console.log(line));
  process.exit(status);
}
const ids = positionals.length > 0 ? positionals.map((id) => id.toUpperCase()) : Object.keys(benches);
const unknown = ids.find((id) => !(id in benches));
if (unknown) fail(`there is no bench ${unknown}; there are ${Object.keys(benches).join(', ')}`);
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
if (!Number.isInteger(rounds) || rounds < 1) fail('--rounds takes a whole number from 1');

const noPeers = values['no-peers'] ? '--no-peers' : await installPeers(say);

/** A peer's side under its name, or nothing where it cannot run, which is said. `missing` is the peer's own reason. */
async function beside(name, load, missing) {
  const reason = noPeers ?? missing;
  if (reason === undefined) return { [name]: await load() };
  say(`without ${name}: ${reason}`);
  return {};
}

const rows = [];
const plots = [];
const began = performance.now();
for (const [index, id] of ids.entries()) {
  const { what, peers = [], run } = benches[id];
  const minutes = Math.round((performance.now() - began) / 60_000);
  say(
    `${id} (${index + 1} of ${ids.length}, ${minutes} min so far): ${what}; ${rounds} round${rounds === 1 ? '' : 's'}`,
  );
  const answered = await run({ quick: values.quick, rounds, say: (line) => say(`  ${line}`), beside });
  const versions = { node: process.version, ...(!noPeers && versionsOf(peers)) };
  rows.push(...answered.measurements.map((measurement) => toRow(id, measurement, versions)));
  plots.push(...(answered.plots ?? []));
}

const versions = Object.assign({}, ...rows.map((row) => row.versions));
console.log(
  `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}, ${os.platform()} ${os.release()}, ${rounds} rounds; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}\n`,
);
console.log(table(rows));
if (values.quick) console.log('\nA quick run: it shows that the workloads are right, not how fast they are.');
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);

const forDocuments = values.quick ? undefined : fileURLToPath(new URL('../docs/benchmarks', import.meta.url));
const folder = values.plots ?? forDocuments;
if (plots.length > 0 && folder !== undefined) await drawn(folder);

/** What draws is installed as the peers are. */
async function drawn(folder) {
  if (noPeers) return say(`without plots: ${noPeers}`);
  const { drawing } = await import('./peers/drawing.mjs');
  await writePlots(folder, plots, drawing);
  say(`${plots.map(({ name }) => `${name}.svg`).join(', ')} in ${folder}`);
}
