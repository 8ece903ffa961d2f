// Posts from a thread of its own, so that what is counted in the main one is the host's alone.
import { parentPort, workerData } from 'node:worker_threads';

import { posted } from '../lib/http-load.mjs';

parentPort.on('message', async (count) => {
  await posted({ ...workerData, count });
  parentPort.postMessage('posted');
});
