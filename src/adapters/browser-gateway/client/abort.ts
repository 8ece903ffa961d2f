/** Settles as `operation` does, or rejects with the signal's reason: what was begun goes on, and nobody waits for it. */
export function abortable<T>(operation: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const release = (): void => signal.removeEventListener('abort', abort);
    operation.then(resolve, reject).finally(release);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

export interface Linked extends AbortController {
  /** Lets go of the signals that it listens to. */
  release(): void;
}

/** Aborts by hand, or with the first of several signals. Browsers of 2022 have no `AbortSignal.any`. */
export function linked(...signals: readonly (AbortSignal | undefined)[]): Linked {
  const controller = new AbortController();
  const releases = signals.map((signal) => {
    if (!signal) return undefined;
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
  return Object.assign(controller, {
    release: () => {
      for (const release of releases) release?.();
    },
  });
}
