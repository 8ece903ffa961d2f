// #region trouble
import { createRuntime, generatorBackend, text } from 'workport';
import { faultBackend, virtualClock } from 'workport/contracts';

const clock = virtualClock();
const counter = generatorBackend({
  id: 'counter',
  clock,
  async *run() {
    for (const number of ['one', 'two', 'three', 'four']) yield text(number);
  },
});
const backend = faultBackend(counter, {
  seed: Number(process.argv[2] ?? 5),
  faults: { kill: { probability: 0.05 }, delay: { probability: 0.2, maxMs: 2_000 }, drop: { probability: 0.05 } },
  clock,
  onFault: ({ fault, during, at }) => console.log(`  trouble: ${fault} at ${during}, step ${at}`),
});
const runtime = createRuntime({ clock, profiles: { counter: { label: 'Counter', backend } } });
// #endregion trouble

// #region time
/**
 * Time moves on until it is there: an hour of waiting takes milliseconds.
 * @template T @param {PromiseLike<T>} work
 */
async function passing(work) {
  let over = false;
  const end = () => (over = true);
  work.then(end, end);
  while (!over) await clock.advance(1_000);
  return work;
}
// #endregion time

/** What a screen would show. @param {import('workport').WorkerRef} worker */
async function screen(worker) {
  for await (const frame of runtime.observe(worker, 'start')) {
    for (const { event } of frame.type === 'events' ? frame.observations : []) {
      if (event.type === 'text-delta') console.log(event.text);
      if (event.type === 'input-ended') console.log(`the run ended: ${event.end}`);
      if (event.type === 'execution-disconnected') console.log(`not connected: ${event.reason}`);
      if (event.type === 'execution-connected') console.log('connected');
    }
  }
}

const { runtimeId } = runtime;
const created = await passing(runtime.execute({ type: 'create', runtimeId, profile: 'counter' }));
if (created.outcome !== 'accepted') throw new Error(`no Worker: ${JSON.stringify(created)}`);
const { worker } = created;
const shown = screen(worker);
for (let run = 1; run <= 3; run += 1) {
  const parts = [{ type: /** @type {const} */ ('text'), text: 'count' }];
  const answer = await passing(runtime.execute({ type: 'input', worker, parts }));
  console.log(`  answer: ${answer.outcome}`);
  await clock.advance(10_000);
  await passing(runtime.execute({ type: 'reconnect', worker }));
}
await passing(runtime[Symbol.asyncDispose]());
await shown;
