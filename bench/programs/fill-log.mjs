// Fills a data folder with Workers whose runs have ended, and dies as a killed host does: every Worker is still idle.
import { createRuntime, generatorBackend, text } from 'workport';
import { embeddedLog } from 'workport/logs/embedded';

const [folder, workers, events] = process.argv.slice(2);
// What compresses no better than words do: a folder of repeated letters would be read in no time.
const letters = 'abcdefghijklmnopqrstuvwxyz ';
const said = () => Array.from({ length: 150 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
const backend = generatorBackend({
  id: 'bench',
  async *run() {
    for (let count = 0; count < Number(events); count += 1) yield text(said());
  },
});
const runtime = createRuntime({
  log: embeddedLog({ folder, durability: 'none' }),
  profiles: { bench: { label: 'Bench', backend } },
  limits: { workers: Number(workers) },
});
await runtime.ready();
const { runtimeId } = runtime;
const parts = [{ type: 'text', text: 'go' }];
for (let made = 0; made < Number(workers); made += 50) {
  await Promise.all(
    Array.from({ length: Math.min(50, Number(workers) - made) }, async () => {
      const created = await runtime.execute({ type: 'create', runtimeId, profile: 'bench', input: { parts } });
      if (created.outcome !== 'accepted') throw new Error(JSON.stringify(created));
      const worker = { runtimeId, workerId: created.worker.workerId };
      for await (const frame of runtime.observe(worker, created.cursor)) {
        const isOver = ({ event }) => event.type === 'input-ended';
        if (frame.type === 'events' && frame.observations.some(isOver)) break;
      }
    }),
  );
}
process.kill(process.pid, 'SIGKILL');
