import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const shownParts = 6;
const shownFunctions = 10;

/** What Node is started with to write the profile of `program` into `folder` when it ends. */
export function profiled(folder, program) {
  if (!folder) return [];
  const name = `${basename(program, '.mjs')}-${randomUUID().slice(0, 4)}.cpuprofile`;
  return ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-name', name];
}

/** Where the programs of a bench write theirs, where they are asked to. */
export const profileFolder = process.env.WORKPORT_BENCH_PROFILE;

function nameOf({ functionName, url }) {
  const name = functionName || '(anonymous)';
  return url ? `${name} (${url.split('/').slice(-2).join('/')})` : name;
}

/** Ours by the folder of the source, others by their package, the rest as it is called. */
function partOf({ functionName, url }) {
  const [, ours] = /\/dist\/([^/]+(?:\/[^/]+)?)\//.exec(url) ?? [];
  const [, other] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (other) return other;
  if (ours) return `workport ${ours}`;
  if (url.startsWith('node:')) return 'Node, in JavaScript';
  if (url) return 'the bench';
  return functionName.startsWith('(') ? functionName : 'Node, natively';
}

/** What a process was busy with, by what `of` says of a call: shares, the largest first. */
function sharesOf({ nodes, samples, timeDeltas }, of) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, of(callFrame)]));
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
  }
  times.delete('(idle)');
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  const shares = [...times].map(([name, time]) => ({ name, share: time / busy }));
  return { busy, shares: shares.toSorted((one, other) => other.share - one.share) };
}

const profilesIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));

/** Whether another run left its profiles there. */
export const holdsProfiles = (folder) => existsSync(folder) && profilesIn(folder).length > 0;

/** Says of each profile in a folder, the busiest process first, where its time went: by part, then by function. */
export function tellProfiles(folder, say) {
  const profiles = profilesIn(folder)
    .map((name) => ({ name, profile: JSON.parse(readFileSync(join(folder, name), 'utf8')) }))
    .map(({ name, profile }) => ({ name, parts: sharesOf(profile, partOf), functions: sharesOf(profile, nameOf) }));
  const tell = ({ name, share }) => say(`${(100 * share).toFixed(1).padStart(5)} % ${name}`);
  for (const { name, parts, functions } of profiles.toSorted((one, other) => other.parts.busy - one.parts.busy)) {
    say(`\n${name}: busy for ${(parts.busy / 1e6).toFixed(1)} s`);
    for (const part of parts.shares.slice(0, shownParts)) tell(part);
    say('  of which');
    for (const each of functions.shares.slice(0, shownFunctions)) tell(each);
  }
}
