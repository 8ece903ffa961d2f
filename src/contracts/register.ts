import { type Capability, type ContractCase, runCase, skipReason } from './contract-case.js';
import { Trace } from './trace.js';

/** The two functions that a test runner has to offer. The `test` of vitest and of `node:test` fits as it is. */
export interface ContractRunner {
  /** `timeoutMs` is past the case's own deadline, so that the case tells what it waited for. */
  test(name: string, run: () => Promise<void>, timeoutMs: number): void;
  skip(name: string, reason: string): void;
}

/** Hands each case to a test runner, those that do not apply as skipped. */
export function register(
  cases: readonly ContractCase[],
  runner: ContractRunner,
  capabilities: readonly Capability[],
): void {
  for (const contractCase of cases) {
    const name = `${contractCase.id} ${contractCase.rules.join(', ')}: ${contractCase.title}`;
    const reason = skipReason(contractCase, capabilities);
    if (reason === undefined) runner.test(name, () => runTold(contractCase), contractCase.deadlineMs + 5_000);
    else runner.skip(name, reason);
  }
}

/** Runs a case; where it fails, the error says what led there. */
async function runTold(contractCase: ContractCase): Promise<void> {
  const trace = new Trace();
  try {
    await runCase(contractCase, trace.note);
  } catch (cause) {
    if (cause instanceof Error) cause.message = [cause.message, ...trace.frames].join('\n');
    throw cause;
  }
}
