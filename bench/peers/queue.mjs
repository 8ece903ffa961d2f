import assert from 'node:assert/strict';
import { join } from 'node:path';

import { Queue } from 'bullmq';

import { started } from '../lib/ends.mjs';
import { inFolder } from '../lib/folder.mjs';
import { readLines } from '../lib/lines.mjs';
import { perSecond } from '../lib/statistics.mjs';

/** A Redis of its own on a Unix socket, which keeps nothing, for as long as `run` takes. */
const withRedis = (run) => inFolder((folder) => redisIn(folder, run));

async function redisIn(folder, run) {
  const path = join(folder, 'socket');
  const args = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder];
  const { running, failed, end } = started('redis-server', args, ['ignore', 'pipe', 'inherit']);
  try {
    const ready = new Promise((resolve) =>
      readLines(running.stdout, (line) => /ready to accept connections/i.test(line) && resolve()),
    );
    await Promise.race([ready, failed]);
    return await Promise.race([run(path), failed]);
  } finally {
    await end(() => running.kill());
  }
}

/** Jobs per second, `atOnce` of them under way. The first third of them is to be warm. */
export const added = ({ atOnce, body, count }) =>
  withRedis(async (path) => {
    const queue = new Queue('bench', { connection: { path } });
    try {
      const warm = Math.ceil(count / 2);
      await adding(queue, { atOnce, body, count: warm });
      const began = process.hrtime.bigint();
      await adding(queue, { atOnce, body, count });
      const figure = perSecond(count, began);
      assert.equal(await queue.getWaitingCount(), warm + count);
      return figure;
    } finally {
      await queue.close();
    }
  });

async function adding(queue, { atOnce, body, count }) {
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await queue.add('input', body);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
