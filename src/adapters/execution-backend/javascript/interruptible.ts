import { Script } from 'node:vm';

const name = '__workportJob';
const script = new Script(`${name}()`);
let job: () => void = () => undefined;

Object.defineProperty(globalThis, name, { value: () => job() });

/** Runs `work` so that SIGINT ends it, whatever it is doing. Answers `false` where one did. */
export function interruptible(work: () => void): boolean {
  job = work;
  try {
    script.runInThisContext({ breakOnSigint: true });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') return false;
    throw error;
  }
}
