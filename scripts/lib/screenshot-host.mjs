import { root } from './root.mjs';

const startedAt = Date.parse('2026-03-02T09:41:00Z');

const listing = `FAIL checkout/total.test.js (run 7 of 20)
  expected 41.98, received 41.97
PASS checkout/total.test.js (run 8 of 20)
19 of 20 runs passed
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
  async *List() {
    yield say.text('Three packages are behind: none of them has an advisory.');
  },
  async *Import() {
    throw say.failed('quota-used-up');
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
  const played = plays(say);
  const backend = generatorBackend({
    id: 'scene',
    codes: ['quota-used-up'],
    run: (input, context) => played[input.parts[0].text.split(' ')[0]](context),
  });
  let seconds = 0;
  const clock = {
    now: () => startedAt + 1_000 * (seconds += 1),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs).unref();
      return () => clearTimeout(timer);
    },
  };
  const profiles = {
    coder: { label: 'Coder', description: 'Reads, runs and changes code', backend },
    reviewer: { label: 'Reviewer', description: 'Reads and remarks', backend },
  };
  const runtime = createRuntime({ profiles, clock });
  const handler = httpHandler({ gateway: runtime, assets: consoleAssets() });
  const listener = await listen({ handler });
  return {
    url: listener.url,
    startedAt,
    async create(profile, displayName, text) {
      const input = { parts: [{ type: 'text', text }] };
      const { worker, outcome } = await runtime.execute({
        type: 'create',
        runtimeId: runtime.runtimeId,
        profile,
        displayName,
        input,
      });
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
