import type { CaseCall, ContractCase } from '../contract-case.js';
import { within } from '../within.js';
import type { ExecutionBackendHarness } from './harness.js';
import { Stage } from './stage.js';

/** A case as it is written: with a fresh backend on its stage. */
export interface CaseDefinition extends Omit<ContractCase, 'deadlineMs' | 'run'> {
  readonly id: `EB-${string}`;
  run(stage: Stage): Promise<void>;
}

const caseDeadlineMs = 5_000;

async function perform(
  definition: CaseDefinition,
  harness: ExecutionBackendHarness,
  { signal, note }: CaseCall,
): Promise<void> {
  const backend = await within(signal, 'a backend from the harness', harness.create({ signal }));
  try {
    await definition.run(new Stage(backend, harness, { signal, note }));
  } catch (cause) {
    backend[Symbol.asyncDispose]().then(undefined, () => undefined);
    throw cause;
  }
  await within(signal, 'the disposal of the backend', Promise.resolve(backend[Symbol.asyncDispose]()));
}

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: ExecutionBackendHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: caseDeadlineMs * (harness.timing ?? 1),
    run: (call) => perform(definition, harness, call),
  };
}
