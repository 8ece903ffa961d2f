import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

import { nodeArgs } from './ends.mjs';

/** In a child program: answers what its parent asks, by name, and ends when the parent is gone. */
export function answer(handlers) {
  process.on('message', async ({ id, ask, body }) => {
    try {
      process.send({ id, answer: await handlers[ask](body) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
}

/** A child program that is asked. `file`: where it is; a question that it fails, or does not live to answer, rejects. */
export function asked(file, { args = [], execArgv = [] } = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const running = spawn(process.execPath, [...execArgv, ...nodeArgs(file, ...args)], { stdio });
  const open = new Map();
  const ended = new Promise((resolve) => running.once('exit', resolve));
  void ended.then((code) => {
    for (const { reject } of open.values()) reject(new Error(`${file} ended with ${code}`));
    open.clear();
  });
  running.on('message', ({ id, answer, error }) => {
    const { resolve, reject } = open.get(id);
    open.delete(id);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  });
  return {
    ask: (name, body = {}) =>
      new Promise((resolve, reject) => {
        const id = crypto.randomUUID();
        open.set(id, { resolve, reject });
        running.send({ id, ask: name, body }, (error) => error && reject(error));
      }),
    async end() {
      if (running.connected) running.disconnect();
      const forced = new AbortController();
      void wait(5_000, undefined, { signal: forced.signal }).then(
        () => running.kill('SIGKILL'),
        () => undefined,
      );
      await ended;
      forced.abort();
    },
  };
}
