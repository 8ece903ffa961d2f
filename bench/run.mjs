// Every figure is a ratio within one run: Workport beside a floor, interleaved, so that a noisy machine moves both.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';

import { m2 } from './m2.mjs';
import { m3 } from './m3.mjs';
import { m7 } from './m7.mjs';
import { m10 } from './m10.mjs';
import { summary } from './statistics.mjs';

const benches = { M2: m2, M3: m3, M7: m7, M10: m10 };
const usage = `usage: npm run bench -- [ID …] [--json FILE] [--quick] [--rounds N]

Runs the workloads of docs/benchmarks.md, each beside its floor. Without an ID: all of them (${Object.keys(benches).join(', ')}).
  --json FILE   write the rows as JSON
  --quick       a tiny size, for correctness only: its figures mean nothing
  --rounds N    rounds of each side, interleaved; 5, at least 1`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function fail(line) {
  console.error(line);
  process.exit(2);
}

if (values.help) {
  console.log(usage);
  process.exit(0);
}
const ids = positionals.length > 0 ? positionals.map((id) => id.toUpperCase()) : Object.keys(benches);
const unknown = ids.find((id) => !(id in benches));
if (unknown) fail(`there is no bench ${unknown}; there are ${Object.keys(benches).join(', ')}`);
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
if (!Number.isInteger(rounds) || rounds < 1) fail('--rounds takes a whole number from 1');

const rows = [];
for (const id of ids) {
  for (const measurement of await benches[id]({ quick: values.quick, rounds, say: (line) => console.error(line) })) {
    rows.push(toRow(id, measurement));
  }
}

function toRow(id, { workload, unit, goal, isMet, ours, floor, ratios }) {
  const ratio = summary(ratios);
  return {
    id,
    workload,
    figure: summary(ours).median,
    unit,
    floor: summary(floor).median,
    ratio: ratio.median,
    goal,
    met: isMet(ratio.median),
    spread: [ratio.least, ratio.most],
    peers: [],
    versions: { node: process.version },
  };
}

const round = (value) => Number(value.toPrecision(3));
console.log(
  `Node ${process.version}, ${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}, ${os.platform()} ${os.release()}, ${String(rounds)} rounds\n`,
);
console.log('| id | workload | Workport | floor | unit | ratio (least … most) | goal | met |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const row of rows) {
  const spread = `${round(row.ratio)} (${round(row.spread[0])} … ${round(row.spread[1])})`;
  console.log(
    `| ${row.id} | ${row.workload} | ${round(row.figure)} | ${round(row.floor)} | ${row.unit} | ${spread} | ${row.goal} | ${row.met ? 'yes' : 'no'} |`,
  );
}
if (values.quick) console.log('\nA quick run: it shows that the workloads are right, not how fast they are.');
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
