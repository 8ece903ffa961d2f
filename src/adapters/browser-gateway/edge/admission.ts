import type { Admitted } from './access.js';
import type { Edge } from './edge.js';

/** Asks who holds a token. Rejects where that cannot be told in time, and with the reason of `signal` where nobody waits any more. */
export function admission(token: string | undefined, edge: Edge, signal: AbortSignal): Promise<Admitted | undefined> {
  return new Promise((resolve, reject) => {
    const ended = new AbortController();
    const cut = (reason: Error): void => {
      done();
      ended.abort(reason);
      reject(reason);
    };
    const leave = (): void => cut(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    const takeBack = edge.clock.after(edge.options.authenticateMs, () =>
      cut(new Error('the authenticator did not answer in time')),
    );
    const done = (): void => {
      takeBack();
      signal.removeEventListener('abort', leave);
    };
    edge.admit(token, ended.signal).then(
      (admitted) => {
        done();
        resolve(admitted);
      },
      (cause: unknown) => {
        done();
        reject(cause);
      },
    );
  });
}
