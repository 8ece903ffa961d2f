import { Script } from 'node:vm';

const name = '__workportJob';
const script = new Script(`${name}()`);
let job: () => void = () => undefined;

Object.defineProperty(globalThis, name, { value: () => job() });

/** Tells the other thread when it may send SIGINT: at any other moment it could end the process, or the next run. */
export interface Gate {
  open(): void;
  /** Where a SIGINT is on its way, does not return before it has arrived. */
  close(): void;
}

/** Runs `work` so that SIGINT ends it, whatever it is doing, while the gate is open. Answers `false` where one did. */
export function interruptible(work: () => void, gate: Gate): boolean {
  job = () => {
    gate.open();
    try {
      work();
    } finally {
      // Not reached by what is interrupted: then the signal has arrived.
      gate.close();
    }
  };
  try {
    script.runInThisContext({ breakOnSigint: true });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') return false;
    throw error;
  }
}
