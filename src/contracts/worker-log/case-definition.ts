import type { CaseCall, ContractCase } from '../contract-case.js';
import { traced } from '../trace.js';
import { within } from '../within.js';
import type { WorkerLogHarness } from './harness.js';
import { Stage } from './stage.js';

/** A case as it is written: with a fresh log on its stage. */
export interface CaseDefinition extends Omit<ContractCase, 'deadlineMs' | 'run'> {
  readonly id: `WL-${string}`;
  run(stage: Stage): Promise<void>;
}

const caseDeadlineMs = 5_000;

async function perform(
  definition: CaseDefinition,
  harness: WorkerLogHarness,
  { signal, note }: CaseCall,
): Promise<void> {
  const log = await within(signal, 'a log from the harness', harness.create({ signal }));
  try {
    await within(signal, definition.title, definition.run(new Stage(traced(log, note), harness, signal)));
  } catch (cause) {
    log[Symbol.asyncDispose]().then(undefined, () => undefined);
    throw cause;
  }
  await within(signal, 'the disposal of the log', Promise.resolve(log[Symbol.asyncDispose]()));
}

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: WorkerLogHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: caseDeadlineMs * (harness.timing ?? 1),
    run: (call) => perform(definition, harness, call),
  };
}
