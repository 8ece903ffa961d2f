import { root } from './root.mjs';

const scopes = ['read', 'input', 'control'];
const startedAt = Date.parse('2026-03-02T09:41:00Z');

const listing = `FAIL checkout/total.test.js (run 7 of 20)
  expected 41.98, received 41.97
PASS checkout/total.test.js (run 8 of 20)
19 of 20 runs passed
`;

const before = `import { rowsOf } from './rows.js';

/** What a basket costs. */
export function totalOf(basket) {
  return rowsOf(basket).reduce((sum, { price }) => sum + price, 0);
}
`;
const after = `import { rowsOf } from './rows.js';

/** What a basket costs. */
export function totalOf(basket) {
  const cents = rowsOf(basket).map(({ price }) => Math.round(price * 100));
  return cents.reduce((sum, cent) => sum + cent, 0) / 100;
}
`;
const made = `import { expect, test } from './runner.js';
import { totalOf } from '../checkout/total.js';

const prices = [19.99, 20, 1.99];
const baskets = prices.map((_, index) => [...prices.slice(index), ...prices.slice(0, index)]);

test.each(baskets)('the total is exact in any order', (...basket) => {
  expect(totalOf(basket)).toBe(41.98);
});

test('the total of nothing is nothing', () => {
  expect(totalOf([])).toBe(0);
});
`;

/** What the Workers of the scene do, by the first word of their input. */
const plays = (say) => ({
  async *Why({ ask }) {
    yield say.reasoning('One run in twenty fails by a cent, always on totals. That smells of rounding, not of time.');
    yield say.text('I will run the test twenty times and read how the total is made.');
    yield say.toolCallStarted('call-1', 'run_tests', {
      title: 'Run checkout/total.test.js 20 times',
      input: { file: 'checkout/total.test.js', times: 20 },
    });
    yield say.output(listing);
    yield say.toolCallEnded('call-1', { output: { passed: 19, failed: 1 } });
    yield say.text(
      'The total adds prices as floating point numbers, in the order in which the rows come back. ' +
        'Some orders lose a cent. Adding whole cents makes it exact.',
      'finding',
    );
    await ask({
      prompt: 'Shall I change the total to whole cents?',
      options: [
        { optionId: 'yes', label: 'Change it' },
        { optionId: 'test', label: 'Only a test that shows it' },
      ],
    });
  },
  async *Make({ ask }) {
    const steps = [
      'Read how the total is made',
      'Add whole cents',
      'Run the test a hundred times',
      'Note it in the changelog',
    ];
    const statuses = ['completed', 'in-progress', 'pending', 'pending'];
    yield say.planUpdated(
      'plan',
      steps.map((text, index) => ({
        text,
        status: statuses[index],
        ...(index === 1 && { priority: 'high' }),
      })),
    );
    yield say.text('Prices are added as floating point numbers. I will add whole cents instead, and test every order.');
    yield say.toolCallStarted('call-1', 'edit', { title: 'Edit checkout/total.js' });
    yield say.toolCallUpdated('call-1', {
      diffs: [
        { file: 'checkout/total.js', before, after },
        { file: 'test/total-order.test.js', after: made },
      ],
    });
    await ask({
      prompt: 'May I write checkout/total.js and test/total-order.test.js?',
      options: [
        { optionId: 'once', label: 'Allow once' },
        { optionId: 'always', label: 'Always allow edits' },
        { optionId: 'reject', label: 'Reject' },
      ],
    });
  },
  async *List() {
    yield say.text('Three packages are behind: none of them has an advisory.');
  },
  async *Write() {
    yield say.text('A draft of the notes is in docs/next.md.');
  },
});

/** A host whose Workers are in the middle of believable work, at a fixed time. */
export async function screenshotHost() {
  const of = (path) => import(`${root}dist/${path}`);
  const { createRuntime, generatorBackend, ...say } = await of('index.js');
  const { httpHandler, listen } = await of('adapters/browser-gateway/http/index.js');
  const { consoleAssets } = await of('adapters/browser-gateway/console/index.js');
  const { sessionAuthenticator } = await of('adapters/authenticator/session/index.js');
  const played = plays(say);
  const backend = generatorBackend({
    id: 'scene',
    run: (input, context) => played[input.parts[0].text.split(' ')[0]](context),
  });
  let minutes = 0;
  const clock = {
    now: () => startedAt + minutes * 60_000,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs).unref();
      return () => clearTimeout(timer);
    },
  };
  const profiles = {
    coder: { label: 'Coder', description: 'Reads, runs and changes code', backend },
    reviewer: { label: 'Reviewer', description: 'Reads and remarks', backend },
    importer: { label: 'Importer', description: 'Takes in what came over night', backend: null },
  };
  const runtime = createRuntime({ profiles, clock });
  const sessions = sessionAuthenticator();
  const handler = httpHandler({
    gateway: runtime,
    authenticator: sessions,
    sessions,
    gatewayFor: () => runtime,
    assets: consoleAssets(),
  });
  const listener = await listen({ handler });
  return {
    now: clock.now,
    /** Opens the console, once. */
    link: () => `${listener.url}/#code=${sessions.issueCode({ principal: { id: 'somebody', scopes } })}`,
    /** Each is a minute younger than the one before. */
    async create(profile, displayName, text) {
      minutes += 1;
      const input = text && { parts: [{ type: 'text', text }] };
      const worded = { profile, displayName, ...(input && { input }) };
      const { worker, outcome } = await runtime.execute({ type: 'create', runtimeId: runtime.runtimeId, ...worded });
      if (outcome !== 'accepted') throw new Error(`no Worker: ${outcome}`);
      return worker;
    },
    stop: ({ runtimeId, workerId }) => runtime.execute({ type: 'stop', worker: { runtimeId, workerId } }),
    async [Symbol.asyncDispose]() {
      await listener.close({ graceMs: 0 });
      await runtime[Symbol.asyncDispose]();
    },
  };
}
