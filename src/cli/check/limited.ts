export interface Limited extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborts with `signal`, or after `ms`. Unlike `AbortSignal.timeout` it keeps the process alive until it is disposed. */
export function limited(signal: AbortSignal, ms: number): Limited {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`not over after ${ms} ms`)), ms);
  return {
    signal: AbortSignal.any([signal, late.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
