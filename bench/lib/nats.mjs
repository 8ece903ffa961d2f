import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { started } from './ends.mjs';
import { inFolder } from './folder.mjs';
import { isInPath } from './peers.mjs';

export const natsMissing = isInPath('nats-server')
  ? undefined
  : 'there is no nats-server in the path: apt-get install nats-server';

const readyMs = 20_000;

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * A nats-server with JetStream in a folder of its own, for as long as `use` takes. `counts` tells the messages that it has
 * got from its clients and sent to them, since it began.
 */
export const withNats = (use) =>
  inFolder(async (folder) => {
    const [port, monitor] = await freePorts(2);
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-m', `${monitor}`, '-js', '-sd', join(folder, 'store')];
    const { running, failed, end } = started('nats-server', args, ['ignore', 'ignore', 'ignore']);
    const told = async (page) => (await fetch(`http://127.0.0.1:${monitor}/${page}`)).json();
    try {
      const { version } = await Promise.race([reached(() => told('varz')), failed]);
      const server = {
        address: `127.0.0.1:${port}`,
        pid: running.pid,
        version,
        async counts() {
          const { in_msgs: got, out_msgs: sent } = await told('varz');
          return { got, sent };
        },
        /** Messages and bytes of a stream. */
        async stream(name) {
          const { account_details: accounts } = await told('jsz?streams=true');
          const found = accounts
            .flatMap((account) => account.stream_detail ?? [])
            .find((stream) => stream.name === name);
          return { messages: found.state.messages, bytes: found.state.bytes, last: found.state.last_seq };
        },
      };
      return await Promise.race([use(server), failed]);
    } finally {
      await end(() => running.kill());
    }
  });

async function reached(ask) {
  for (const endAt = performance.now() + readyMs; ;) {
    try {
      return await ask();
    } catch (cause) {
      if (performance.now() > endAt) throw cause;
    }
    await wait(20);
  }
}
