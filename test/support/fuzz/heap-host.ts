import { fork } from 'node:child_process';
import { once } from 'node:events';

import { programPath } from '../programs.js';

import type { Known } from './request-arbitrary.js';

/** In bytes, when everything is collected that can be. */
export interface Memory {
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
}

/** A host in a process of its own, so that nothing of who asks is measured. */
export interface HeapHost extends AsyncDisposable {
  readonly port: number;
  readonly known: Known;
  /** Waits until nobody is connected any more. */
  measure(): Promise<Memory>;
}

/** `leak`: it keeps a small object for each input. */
export async function heapHost(...args: readonly 'leak'[]): Promise<HeapHost> {
  const child = fork(programPath('serves-for-heap.mjs'), args, { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit');
  const over = ended.then(([code, signal]) => {
    throw new Error(`the host ended: ${String(code ?? signal)}`);
  });
  over.catch(() => undefined);
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), over])) as [unknown];
    return message;
  };
  const { port, known } = (await next()) as { readonly port: number; readonly known: Known };
  return {
    port,
    known,
    measure() {
      const answer = next();
      child.send('measure');
      return answer as Promise<Memory>;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
