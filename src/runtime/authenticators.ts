import type { Admission, Authenticator } from '../ports/authenticator.js';

/**
 * Several authenticators as one: asked in turn, the first that knows a token decides. One that cannot tell hides none
 * after it; where none of those knows the token either, its failure is the answer.
 */
export const authenticators = (list: readonly Authenticator[]): Authenticator => ({
  async authenticate(token, call) {
    const failures: unknown[] = [];
    for (const authenticator of list) {
      let admission: Admission | undefined;
      try {
        admission = await authenticator.authenticate(token, call);
      } catch (cause) {
        call.signal.throwIfAborted();
        failures.push(cause);
      }
      if (admission) return admission;
    }
    if (failures.length > 0) throw failures[0];
    return undefined;
  },
});
