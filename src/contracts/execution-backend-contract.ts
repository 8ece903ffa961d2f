import type { ContractCase } from './contract-case.js';
import { cancelCases } from './execution-backend/cancel-cases.js';
import { type CaseDefinition, caseFor, wireCaseFor } from './execution-backend/case-definition.js';
import { codeCases } from './execution-backend/code-cases.js';
import { dispatchCases } from './execution-backend/dispatch-cases.js';
import { eventCases } from './execution-backend/event-cases.js';
import type { ExecutionBackendHarness } from './execution-backend/harness.js';
import { lossCases } from './execution-backend/loss-cases.js';
import { publishCases } from './execution-backend/publish-cases.js';
import { questionCases } from './execution-backend/question-cases.js';
import { recoverCases } from './execution-backend/recover-cases.js';
import { repeatedCases } from './execution-backend/repeated-cases.js';
import { spawnCases } from './execution-backend/spawn-cases.js';
import { stopCases } from './execution-backend/stop-cases.js';
import { timeCases } from './execution-backend/time-cases.js';
import { traitCases } from './execution-backend/trait-cases.js';
import { underWayCases } from './execution-backend/under-way-cases.js';
import { wireCases } from './execution-backend/wire-cases.js';

const definitions: readonly CaseDefinition[] = [
  ...spawnCases,
  ...dispatchCases,
  ...eventCases,
  ...cancelCases,
  ...stopCases,
  ...questionCases,
  ...publishCases,
  ...recoverCases,
  ...lossCases,
  ...traitCases,
  ...repeatedCases,
  ...underWayCases,
  ...codeCases,
  ...timeCases,
];

/**
 * What every `ExecutionBackend` must keep, as cases that know no test runner. Each makes its own backend and disposes
 * it. Which of them apply is told by `capabilitiesOf(harness)`.
 */
export function executionBackendContract(harness: ExecutionBackendHarness): readonly ContractCase[] {
  return [
    ...definitions.map((definition) => caseFor(definition, harness)),
    ...wireCases.map((definition) => wireCaseFor(definition, harness)),
  ];
}
