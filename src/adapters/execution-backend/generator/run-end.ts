const mark = Symbol.for('workport/run-end');

/** How a run ends that does not complete. Throw it or return it. Made by `failed` and `refused`. */
export interface RunEnd extends Error {
  readonly [mark]: true;
  readonly end: 'failed' | 'refused';
  readonly code?: string | undefined;
}

const runEnd = (end: RunEnd['end'], code: string | undefined, options: ErrorOptions): RunEnd =>
  Object.assign(new Error(code ?? end, options), { [mark]: true as const, end, code });

/** The run ends `failed` with a code that the backend declared. `cause` goes to the operator log only. */
export const failed = (code: string, options: ErrorOptions = {}): RunEnd => runEnd('failed', code, options);

/** The run ends `refused`: what executes declined to do it. */
export const refused = (code?: string, options: ErrorOptions = {}): RunEnd => runEnd('refused', code, options);

export const isRunEnd = (value: unknown): value is RunEnd => value instanceof Object && mark in value;
