import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import { generatorBackend, text } from 'workport';

import { socketTransport } from '../../../dist/adapters/execution-backend/socket/socket-transport.js';
import { backendServer } from '../../../dist/adapters/execution-backend/wire/serving-end.js';

/** Says so many numbers, one every few milliseconds. */
const backend = generatorBackend({
  id: 'counting',
  recover: true,
  start: () => ({}),
  async *run({ parts: [part] }, { signal }) {
    const [count = '1', everyMs = '5'] = part?.type === 'text' ? part.text.split(' ') : [];
    for (let number = 1; number <= Number(count); number += 1) {
      yield text(`${number} `);
      await setTimeout(Number(everyMs), undefined, { signal });
    }
  },
});

const [path = ''] = process.argv.slice(2);
const served = backendServer(backend);
const server = createServer((socket) => void served.accept(socketTransport(socket), { heartbeat: true }));
server.listen(path, async () => {
  await chmod(path, 0o600);
  console.log('listening');
});
