/** How hosts that share their Workers ask one another. Both ends are hosts of one operator: nobody else is reached by it. */
import type { Json } from '../domain/ids.js';

import type { CallContext } from './execution-backend.js';
import type { HostId } from './worker-ownership.js';

/**
 * What another host answers. What is asked goes on when nobody waits any more. It MUST NOT reject: whoever asked is told
 * `broken`, and the operator of the host that was asked why.
 */
export type HostAnswerer = (request: Json) => Promise<Json>;

export type HostReply =
  | { readonly outcome: 'answered'; readonly answer: Json }
  /** Nobody serves under that id: what was asked was not done. */
  | { readonly outcome: 'absent' }
  /** The way to it broke, the request or its answer is too large for it, or nothing was answered: whether it was done is not known. */
  | { readonly outcome: 'broken'; readonly cause: unknown };

export interface HostLink extends AsyncDisposable {
  /**
   * Answers what is asked of this host under an id, many at once, until the returned function is called or it is disposed
   * of; both are idempotent. Resolves when it can be asked. Rejects where there is no way to the others.
   */
  serve(hostId: HostId, answerer: HostAnswerer): Promise<() => void>;

  /**
   * Asks another host once. Rejects with the signal's reason when aborted, which is the only deadline there is: a host
   * that dies while it is asked may answer nothing.
   */
  ask(hostId: HostId, request: Json, call: CallContext): Promise<HostReply>;
}
