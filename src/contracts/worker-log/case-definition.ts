import type { ContractCase } from '../contract-case.js';
import { perform } from '../perform.js';
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

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: WorkerLogHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: caseDeadlineMs * (harness.timing ?? 1),
    run: ({ signal, note }) =>
      perform({
        signal,
        what: 'a log',
        create: () => harness.create({ signal }),
        run: (log) => within(signal, definition.title, definition.run(new Stage(traced(log, note), harness, signal))),
      }),
  };
}
