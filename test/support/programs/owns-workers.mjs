// A host that takes what it is told or offered, and says what becomes of it, a line of JSON each.
import { createInterface } from 'node:readline';

import { jetStreamOwnership } from '../../../dist/adapters/worker-ownership/jetstream/index.js';

const [server, name, leaseMs] = process.argv.slice(2);
const ownership = jetStreamOwnership({ servers: [server], name, leaseMs: Number(leaseMs) });
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

async function take(workerId) {
  try {
    const { hostId } = await ownership.take(workerId);
    say({ event: 'took', workerId, hostId });
  } catch {
    say({ event: 'refused', workerId });
  }
}

const hostId = await ownership.enter({
  async orphaned(workerId) {
    say({ event: 'offered', workerId });
    await take(workerId);
  },
  async lost() {
    say({ event: 'lost' });
  },
  entered: (again) => say({ event: 'entered', hostId: again }),
});
say({ event: 'entered', hostId });
for await (const workerId of createInterface({ input: process.stdin })) void take(workerId);
await ownership[Symbol.asyncDispose]();
