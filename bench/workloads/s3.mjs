import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { program } from '../lib/ends.mjs';
import { recordedCosts } from '../scaling/costs.mjs';

/**
 * A million Workers on ten thousand hosts, and fewer, on a modelled engine: at rest, and what is lost and taken over. It
 * runs once, whatever the rounds are: its seed decides it.
 */
export const s3 = { what: 'a simulation of up to 1,000,000 Workers on 10,000 hosts', run };

const leaseMs = 10_000;
const workersEach = 100;
const longMs = 600_000;
/** Hosts of which each change is told to all are not rid of it for hours: half a minute shows it. */
const shortMs = 30_000;

const runs = (quick) =>
  quick
    ? ['rest', 'one lost', 'a rack lost', 'outage', 'rolling restart'].map((scenario) => ({ scenario, hosts: 10 }))
    : [
        ...[100, 1_000, 10_000].map((hosts) => ({ scenario: 'rest', hosts })),
        ...[100, 1_000, 10_000].map((hosts) => ({ scenario: 'one lost', hosts })),
        ...[100, 1_000, 10_000].map((hosts) => ({ scenario: 'a rack lost', hosts })),
        ...[100, 300, 1_000].map((hosts) => ({ scenario: 'outage', hosts })),
        { scenario: 'outage', hosts: 10_000, limitMs: shortMs },
        ...[100, 1_000, 10_000].map((hosts) => ({ scenario: 'rolling restart', hosts })),
      ];

async function run({ quick, say }) {
  const measurements = [];
  const told = [];
  for (const { scenario, hosts, limitMs = longMs } of runs(quick)) {
    const options = {
      ...{ scenario, hosts, limitMs, leaseMs, seed: 1, costs: recordedCosts, restartMs: 2_000 },
      ...{ workers: hosts * workersEach, rack: Math.max(2, hosts / 100), wave: Math.max(2, hosts / 100), waves: 2 },
    };
    const result = await inProcess(options);
    told.push(result);
    measurements.push(...rowsOf(result, options));
    say(`${scenario}, ${hosts.toLocaleString('en')} hosts: ${Math.round(result.tookS)} s`);
  }
  return { measurements, plots: plotsOf(told) };
}

async function inProcess(options) {
  const args = ['--max-old-space-size=8000', '--max-semi-space-size=64', program('simulate.mjs')];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, JSON.stringify(options)]);
  const result = JSON.parse(stdout);
  const isOver = (options.scenario === 'rolling restart' ? result.waveMs : result.ownedMs) !== null;
  if (options.scenario !== 'rest' && !isOver) return result;
  assert.ok(result.isWhole, `${options.scenario}: a Worker has no owner`);
  return result;
}

function rowsOf(result, { scenario, hosts, workers, rack, wave, limitMs }) {
  const counted = (count) => count.toLocaleString('en');
  const lost = { 'a rack lost': `${rack} lost at once`, 'rolling restart': `${wave} at a time begin again` };
  const name = `${counted(workers)} Workers on ${counted(hosts)} hosts, ${lost[scenario] ?? scenario}`;
  const row = (what, unit, value) => ({ workload: `${name}: ${what}`, unit, figures: { workport: [value] } });
  const rates = [
    row('messages, the most in a second', 'messages/s', result.peak),
    row('share of a CPU that the engine is busy', '×', result.busy),
  ];
  if (scenario === 'rest') return [row('messages', 'messages/s', result.perSecond), ...rates];
  const seconds = (what, ms) =>
    ms === null ? row(`${what}: not within`, 's', limitMs / 1_000) : row(`until ${what}`, 's', ms / 1_000);
  const losses = row('leases that were lost besides', 'leases', result.losses);
  const times =
    scenario === 'rolling restart'
      ? [seconds('one turn is over', result.waveMs)]
      : [seconds('each has an owner', result.ownedMs), seconds('nothing is left to be done', result.settledMs)];
  return [...times, ...rates, losses];
}

function plotsOf(told) {
  const series = (scenario, of) => ({
    name: scenario,
    points: told.filter((each) => each.scenario === scenario && of(each) > 0).map((each) => [each.hosts, of(each)]),
  });
  const plot = (name, title, y, scenarios, of) => {
    const all = scenarios.map((scenario) => series(scenario, of)).filter(({ points }) => points.length > 0);
    return { name, title, x: 'hosts, with 100 Workers each', y, series: all };
  };
  const busy = ['rest', 'one lost', 'a rack lost', 'rolling restart'];
  const over = ['one lost', 'a rack lost', 'outage'];
  return [
    plot('engine-messages', 'Messages at the engine, the most in a second', 'messages/s', busy, ({ peak }) => peak),
    plot('taken-over', 'Until each Worker has an owner', 'seconds', over, ({ ownedMs }) => (ownedMs ?? 0) / 1_000),
  ];
}
