import assert from 'node:assert/strict';

/** The value of `work`, or an assertion that names what did not come before `signal` aborted. */
export function within<T>(signal: AbortSignal, what: string, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = (): void => {
      const message = `waited in vain for ${what}`;
      reject(new assert.AssertionError({ message, operator: 'within' }));
    };
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    const settled = (): void => signal.removeEventListener('abort', late);
    work.then(
      (value) => (settled(), resolve(value)),
      (cause: unknown) => (settled(), reject(cause as Error)),
    );
  });
}
