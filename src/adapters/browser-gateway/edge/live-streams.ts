import type { StreamEndCode } from '../../../domain/codes.js';

/** The streams that are open now: ended together when the server is drained, and one by one when who watches is revoked. */
export interface LiveStreams {
  readonly isDraining: boolean;
  /**
   * `end` is called once: with `server-draining` at the drain, with `revoked` when that signal aborts; at once where it
   * has been. The returned function forgets it.
   */
  add(end: (code: StreamEndCode) => void, revoked?: AbortSignal): () => void;
  drain(): void;
}

export function liveStreams(): LiveStreams {
  const ends = new Set<(code: StreamEndCode) => void>();
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    add(end, revoked) {
      const onRevoked = (): void => close('revoked');
      const forget = (): void => {
        ends.delete(close);
        revoked?.removeEventListener('abort', onRevoked);
      };
      const close = (code: StreamEndCode): void => {
        forget();
        end(code);
      };
      if (revoked?.aborted) end('revoked');
      else if (isDraining) end('server-draining');
      else {
        ends.add(close);
        revoked?.addEventListener('abort', onRevoked, { once: true });
      }
      return forget;
    },
    drain() {
      isDraining = true;
      for (const close of [...ends]) close('server-draining');
    },
  };
}
