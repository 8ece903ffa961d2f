import { LateAbort } from '../ports/abort.js';
import type { Clock } from '../ports/clock.js';
import type { CallContext } from '../ports/execution-backend.js';

export const late = Symbol('late');

/**
 * Waits for `operation`, but not past the deadline: then its signal aborts and the answer is `late`. What it answers
 * later, or throws, is nobody's. A signal that nobody asks for is not made.
 */
export function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  operation: (call: CallContext) => Promise<T>,
): Promise<T | typeof late> {
  const abort = new LateAbort();
  const call: CallContext = {
    get signal() {
      return abort.signal;
    },
  };
  return new Promise((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => {
      resolve(late);
      abort.abort(new Error('the deadline has passed'));
    });
    Promise.resolve(call)
      .then(operation)
      .then(
        (value) => {
          cancel();
          resolve(value);
        },
        (cause: unknown) => {
          cancel();
          reject(cause);
        },
      );
  });
}
