import type { ContractCase } from './contract-case.js';
import { appendCases } from './worker-log/append-cases.js';
import { caseFor } from './worker-log/case-definition.js';
import type { CaseDefinition } from './worker-log/case-definition.js';
import { followCases } from './worker-log/follow-cases.js';
import type { WorkerLogHarness } from './worker-log/harness.js';
import { readCases } from './worker-log/read-cases.js';
import { removeCases } from './worker-log/remove-cases.js';
import { traitCases } from './worker-log/trait-cases.js';

const definitions: readonly CaseDefinition[] = [
  ...appendCases,
  ...readCases,
  ...followCases,
  ...removeCases,
  ...traitCases,
];

/** What every `WorkerLog` must keep, as cases that know no test runner. Each makes its own log and disposes it. */
export function workerLogContract(harness: WorkerLogHarness): readonly ContractCase[] {
  return definitions.map((definition) => caseFor(definition, harness));
}
