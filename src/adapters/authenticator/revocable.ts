import { hash } from 'node:crypto';
import { setMaxListeners } from 'node:events';

import type { Admission, Principal } from '../../ports/authenticator.js';

/** What of a token, or of a code, is kept: its SHA-256. Who looks it up by that learns nothing from the time it takes. */
export const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer');

export interface Revocable {
  readonly admission: Admission;
  revoke(): void;
}

/** An admission that ends when it is revoked. Any number of its holder's streams may listen. */
export function revocable(principal: Principal): Revocable {
  const revocation = new AbortController();
  setMaxListeners(0, revocation.signal);
  return { admission: { principal, revoked: revocation.signal }, revoke: () => revocation.abort() };
}
