/** Settles as `operation` does, or rejects with the signal's reason: what was begun goes on, and nobody waits for it. */
export function abortable<T>(operation: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return operation;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    operation.then(
      (value) => {
        signal.removeEventListener('abort', abort);
        resolve(value);
      },
      (cause: unknown) => {
        signal.removeEventListener('abort', abort);
        reject(cause);
      },
    );
  });
}

export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Aborts it by hand. */
  abort(reason?: unknown): void;
  /** Lets go of the signals that it listens to. */
  release(): void;
}

/**
 * Aborts with the first of several, or by hand. Unlike `AbortSignal.any`, which browsers of 2022 do not have, it is let go
 * of by hand: some signals live as long as the host.
 */
export function linkedSignal(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const present = signals.filter((signal) => signal !== undefined);
  const abort = (): void => controller.abort(present.find(({ aborted }) => aborted)?.reason);
  for (const signal of present) {
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }
  const release = (): void => {
    for (const signal of present) signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, abort: (reason) => controller.abort(reason), release };
}

/**
 * A generator that can be left at any time. One that awaits takes a `return` only when it wakes: `leave` wakes it, so
 * that who leaves while nothing comes does not wait.
 */
export function leavable<T>(frames: AsyncGenerator<T, void, void>, leave: () => void): AsyncGenerator<T, void, void> {
  const finish = frames.return.bind(frames);
  frames.return = (value) => {
    leave();
    return finish(value);
  };
  return frames;
}

/** An `AbortController` whose signal is made when somebody asks for it: most calls and runs end without that. */
export class LateAbort {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  abort(reason?: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}
