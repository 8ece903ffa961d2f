import { performance } from 'node:perf_hooks';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { capabilitiesOf, type ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { skipReason } from '../../src/contracts/contract-case.js';

export interface Found {
  readonly id: string;
  readonly reason: string;
}

/** How long the event loop has nothing to do before what still waits is known to wait in vain. */
const idleMs = 150;
const lookMs = 10;

/**
 * Aborts once the event loop was idle for so long: in one process, nothing that a case waits for can come then. A busy
 * machine makes this later, never sooner.
 */
function abortedWhenIdle(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  let last = performance.eventLoopUtilization();
  let idle = 0;
  const timer = setInterval(() => {
    const since = performance.eventLoopUtilization(last);
    last = performance.eventLoopUtilization();
    idle = since.active < 2 ? idle + since.idle : 0;
    if (idle >= idleMs) controller.abort(new Error('nothing happens any more'));
  }, lookMs);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

/** The cases that a backend in this process fails. All run at once; each has a backend of its own. */
export async function findFaults(harness: ExecutionBackendHarness): Promise<readonly Found[]> {
  const capabilities = capabilitiesOf(harness);
  const cases = executionBackendContract(harness).filter((one) => skipReason(one, capabilities) === undefined);
  const { signal, stop } = abortedWhenIdle();
  const note = (): void => undefined;
  const found = await Promise.all(
    cases.map(async ({ id, run }): Promise<readonly Found[]> => {
      try {
        await run({ signal: AbortSignal.any([signal]), note });
        return [];
      } catch (cause) {
        return [{ id, reason: cause instanceof Error ? cause.message : String(cause) }];
      }
    }),
  );
  stop();
  return found.flat();
}
