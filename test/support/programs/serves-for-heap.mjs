/**
 * Serves a Runtime whose Workers are all busy for good, so that no input adds to their logs, and tells over IPC what is left of its memory when everything is
 * collected that can be. Run with `--expose-gc`; with `leak` it keeps a small object for each input.
 */
import { createRuntime, generatorBackend, text } from '../../../dist/index.js';
import { httpHandler, listen } from '../../../dist/adapters/browser-gateway/http/index.js';

const isLeaking = process.argv.includes('leak');
const kept = [];
const keep = (what) => {
  if (isLeaking) kept.push(what);
};

const backend = generatorBackend({
  id: 'holding',
  run: async function* (_input, { signal }) {
    yield text('held');
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  },
});
const workers = 8;
const runtime = createRuntime({
  profiles: { game: { label: 'Game', backend } },
  limits: { workers },
});
const { runtimeId } = runtime;
const workerIds = [];
const parts = [{ type: 'text', text: 'hold' }];
while (workerIds.length < workers) {
  const made = await runtime.execute({ type: 'create', runtimeId, profile: 'game', input: { parts } });
  if (made.outcome !== 'accepted') throw new Error(made.outcome);
  workerIds.push(made.worker.workerId);
}

const principal = { id: 'tester', scopes: ['read', 'input', 'control'] };
const handler = httpHandler({
  gateway: runtime,
  authenticator: {
    authenticate: async (token) => {
      keep({ token: `${token} ${kept.length}`, at: performance.now() });
      return token === 'good' ? { principal } : undefined;
    },
  },
  gatewayFor: () => ({
    execute: (command, call) => runtime.execute(command, call),
    read: (query, call) => runtime.read(query, call),
    observe(worker, from, call) {
      keep({ worker: { ...worker }, from });
      return runtime.observe(worker, from, call);
    },
  }),
  options: { inputsPerMinute: 1_000_000, bodyTimeoutMs: 2_000 },
});
const listener = await listen({ handler });

const connections = () => new Promise((resolve) => listener.server.getConnections((_error, count) => resolve(count)));

/** Until nobody is connected and what is left over in turns to come is done. */
async function quiet() {
  while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function measure() {
  await quiet();
  for (let round = 0; round < 6; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heapUsed, external, arrayBuffers };
}

process.on('message', (asked) => {
  if (asked === 'measure') void measure().then((measured) => process.send(measured));
});
process.on('disconnect', () => process.exit());
process.send({ port: listener.port, known: { runtimeId, workerIds } });
