import { runTool } from './run.mjs';
import { runTests } from './vitest.mjs';

const minuteMs = 60_000;
const kills = Number(process.env.WORKPORT_KILLS ?? '200') || 200;

/** One thing that passes or fails as a whole: each step a tool with its arguments, stopped at the first failure. */
const check =
  (...steps) =>
  async ({ budgetMs }) => {
    const endAt = Date.now() + budgetMs;
    for (const [tool, args] of steps) {
      const { problem, output } = await runTool(tool, args, { budgetMs: Math.max(1, endAt - Date.now()) });
      if (problem)
        return { passed: 0, failed: 1, skipped: 0, lines: [`${tool} ${args.join(' ')}: ${problem}`], output };
    }
    return { passed: 1, failed: 0, skipped: 0, lines: [] };
  };

const tests = (...folders) => ({ folders, needsBuild: true, run: (context) => runTests(folders, context) });

/**
 * What `npm test` runs, in the order of their starts: the long ones first. `budgetMs` is a bound for a slow machine,
 * many times what the lane takes; past it the lane has failed.
 */
export const lanes = {
  faults: {
    what: 'hosts killed with SIGKILL 200 times, 140 with programs of their own and 60 with backends behind sockets; WORKPORT_KILLS=2000 says how often, WORKPORT_SEED=N repeats a run',
    budgetMs: (5 + kills / 12) * minuteMs,
    ...tests('test/faults'),
  },
  containers: {
    what: 'backend servers in containers, paused, killed and cut off; needs docker',
    budgetMs: 12 * minuteMs,
    ...tests('test/containers'),
  },
  types: {
    what: 'type checks: everything, and the portable rooms without Node types, the examples, the console',
    budgetMs: 6 * minuteMs,
    run: check(
      ['typescript/bin/tsc', ['-p', 'tsconfig.json']],
      ['typescript/bin/tsc', ['-p', 'tsconfig.portable.json']],
      ['typescript/bin/tsc', ['-p', 'tsconfig.examples.json']],
      ['typescript/bin/tsc', ['-p', 'src/adapters/browser-gateway/console/page']],
    ),
  },
  unit: {
    what: 'domain, protocol, runtime, adapters, composition, command line, fakes',
    budgetMs: 15 * minuteMs,
    ...tests(
      'test/domain',
      'test/ports',
      'test/protocol',
      'test/runtime',
      'test/adapters',
      'test/composition',
      'test/cli',
      'test/support',
    ),
  },
  nats: {
    what: 'the log, the ownership of Workers and the hosts on a nats-server, which is killed, paused and cut off; needs nats-server, and a newer one',
    budgetMs: 12 * minuteMs,
    ...tests('test/nats'),
  },
  lint: {
    what: 'eslint and prettier',
    budgetMs: 6 * minuteMs,
    run: check(
      ['eslint/bin/eslint.js', ['.', '--max-warnings=0']],
      ['prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']],
    ),
  },
  contracts: {
    what: 'the contract suites against every backend, and the suites themselves against planted bugs',
    budgetMs: 15 * minuteMs,
    ...tests('test/contracts', 'test/contracts-self'),
  },
  e2e: {
    what: 'real processes, sockets and commands; the examples',
    budgetMs: 15 * minuteMs,
    ...tests('test/e2e'),
  },
  browser: {
    what: 'client and console in a real Chromium, the pictures of the console; needs chromium',
    budgetMs: 12 * minuteMs,
    ...tests('test/browser'),
  },
  agents: {
    what: 'agents of others, installed by `npm run agents`, against stand-ins for their models; needs agents',
    budgetMs: 10 * minuteMs,
    ...tests('test/agents'),
  },
  walls: {
    what: 'who may import whom (dependency-cruiser)',
    budgetMs: 2 * minuteMs,
    run: check(['dependency-cruiser/bin/dependency-cruise.mjs', ['src', '--config', '.dependency-cruiser.mjs']]),
  },
  house: {
    what: 'public surface, documents, snippets, scripts, each wall proved by a planted violation',
    budgetMs: 6 * minuteMs,
    ...tests('test/house'),
  },
};
