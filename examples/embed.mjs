// #region embed
import { createRuntime } from 'workport';

import { greeter } from './greeter.mjs';

const runtime = createRuntime({ profiles: { greeter: { label: 'Greeter', backend: greeter() } } });
await runtime.ready();

const created = await runtime.execute({
  type: 'create',
  runtimeId: runtime.runtimeId,
  profile: 'greeter',
  input: { parts: [{ type: 'text', text: 'Ada Grace' }] },
});
if (created.outcome !== 'accepted') throw new Error(`no Worker: ${created.outcome}`);
for await (const frame of runtime.observe(created.worker, 'start')) {
  const events = frame.type === 'events' ? frame.observations.map(({ event }) => event) : [];
  for (const event of events) if (event.type === 'text-delta') process.stdout.write(event.text);
  if (events.some((event) => event.type === 'input-ended')) break;
}
await runtime[Symbol.asyncDispose]();
// #endregion embed
