import { availableParallelism } from 'node:os';

import { build } from './build.mjs';
import { install } from './install.mjs';
import { lanes } from './lanes.mjs';
import { nearMatch } from './near-match.mjs';
import { testFiles } from './vitest.mjs';

const names = Object.keys(lanes);

const help = `npm test                       every lane
npm test -- LANE …             the lanes named
npm test -- LANE FILTER        the test files of one lane whose path contains FILTER

Lanes:
${names.map((name) => `  ${name.padEnd(10)} ${lanes[name].what}`).join('\n')}

A skipped test says why in brackets at the end of its title. With CI=true a skip "[needs docker]" is a failure where
WORKPORT_PREPARED (a list with commas) names docker. WORKPORT_BUDGET_FACTOR=3 gives each lane three times its budget.
Exit codes: 0 all passed, 1 something failed, 2 wrong usage.
`;

/** Which lanes, with which filter; or what is wrong with the arguments. */
function parse(args) {
  const option = args.find((argument) => argument.startsWith('-'));
  if (option !== undefined) return { problem: `unknown option ${option}; --help shows what there is` };
  const chosen = args.filter((argument) => names.includes(argument));
  const others = args.filter((argument) => !names.includes(argument));
  if (others.length === 0) return { chosen: chosen.length > 0 ? names.filter((name) => chosen.includes(name)) : names };
  if (chosen.length === 1 && others.length === 1 && args[0] === chosen[0]) {
    const [filter] = others;
    return lanes[chosen[0]].folders
      ? { chosen, filter }
      : {
          problem: `lane ${chosen[0]} takes no filter; those that do: ${names.filter((name) => lanes[name].folders).join(', ')}`,
        };
  }
  const meant = nearMatch(others[0], names);
  return {
    problem: `unknown lane "${others[0]}"${meant ? `; did you mean ${meant}?` : ''} Lanes: ${names.join(', ')}`,
  };
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const block = (text) => text.trimEnd().replace(/^/gm, '  ');

function print(name, result, startedAt) {
  const word = result.failed > 0 ? 'FAILED' : 'ok';
  const counts = `${String(result.passed)} passed, ${String(result.failed)} failed, ${String(result.skipped)} skipped`;
  console.log(`${name.padEnd(10)} ${word.padEnd(7)} ${seconds(Date.now() - startedAt).padStart(8)}   ${counts}`);
  for (const line of result.lines) console.log(block(line));
  if (result.failed > 0 && result.output) console.log(block(result.output));
}

/** A test file that no lane runs would never be missed. */
function strayFiles() {
  const folders = Object.values(lanes).flatMap((lane) => lane.folders ?? []);
  const stray = testFiles('test').filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)));
  return stray.map((file) => `failed: ${file} belongs to no lane (scripts/lib/lanes.mjs)`);
}

async function runLane(name, filter, built) {
  const lane = lanes[name];
  const factor = Number(process.env.WORKPORT_BUDGET_FACTOR ?? '1') || 1;
  const problem = lane.needsBuild ? await built : undefined;
  const startedAt = Date.now();
  const result = problem
    ? { passed: 0, failed: 1, skipped: 0, lines: ['failed: the build failed'], output: problem }
    : await lane.run({ budgetMs: lane.budgetMs * factor, filter });
  print(name, result, startedAt);
  return result;
}

/** Starts the lanes in order, as many at a time as there are cores, and answers their sums. */
async function runLanes(chosen, filter) {
  const needsBuild = chosen.some((name) => lanes[name].needsBuild);
  const built = needsBuild ? build((line) => console.log(line)) : Promise.resolve(undefined);
  const waiting = [...chosen];
  const results = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      results.push(await runLane(name, filter, built));
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  return results;
}

export async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help.trimEnd());
    return 0;
  }
  const { problem, chosen, filter } = parse(args);
  if (problem) {
    console.error(problem);
    return 2;
  }
  const missing = await install((line) => console.log(line));
  if (missing) {
    console.error(missing);
    return 1;
  }
  const results = await runLanes(chosen, filter);
  const stray = chosen.length === names.length ? strayFiles() : [];
  for (const line of stray) console.log(line);
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const failed = sum('failed') + stray.length;
  console.log(`${String(sum('passed'))} passed, ${String(failed)} failed, ${String(sum('skipped'))} skipped`);
  return failed > 0 ? 1 : 0;
}
