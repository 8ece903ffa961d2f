import type { Admitted } from './access.js';
import type { Edge } from './edge.js';

/** Asks who holds a token. Rejects where that cannot be told in time, and with the reason of `signal` where nobody waits any more. */
export async function admission(
  token: string | undefined,
  edge: Edge,
  signal: AbortSignal,
): Promise<Admitted | undefined> {
  const ended = new AbortController();
  const leave = (): void => ended.abort(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  const takeBack = edge.clock.after(edge.options.authenticateMs, () =>
    ended.abort(new Error('the authenticator did not answer in time')),
  );
  try {
    const cut = new Promise<never>((_resolve, reject) => {
      ended.signal.addEventListener('abort', () => reject(ended.signal.reason as Error), { once: true });
    });
    return await Promise.race([edge.admit(token, ended.signal), cut]);
  } finally {
    takeBack();
    signal.removeEventListener('abort', leave);
  }
}
