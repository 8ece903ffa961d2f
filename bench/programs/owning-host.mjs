// A host that owns as many Workers as it is told, until it is killed.
import { answer } from '../lib/asked.mjs';
import { atOnce, owningHost } from '../lib/ownership-hosts.mjs';

let host;
answer({
  async own({ server, leaseMs, workerIds }) {
    host = await owningHost(server, { leaseMs });
    await atOnce(64, workerIds, (workerId) => host.ownership.take(workerId));
    return host.id;
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
});
