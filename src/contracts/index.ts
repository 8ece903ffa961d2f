export { checkContract } from './check-contract.js';
export type { CaseResult, CheckOptions, ContractReport } from './check-contract.js';
export type { CaseCall, Capability, ContractCase, Provocation } from './contract-case.js';
export { browserGatewayContract } from './browser-gateway-contract.js';
export type { BrowserGatewayHarness, GatewayUnderTest } from './browser-gateway/harness.js';
export { executionBackendContract } from './execution-backend-contract.js';
export { capabilitiesOf } from './execution-backend/harness.js';
export type {
  ExecutionBackendHarness,
  HarnessInputs,
  WireConnection,
  WireUnderTest,
} from './execution-backend/harness.js';
export { faultBackend } from './faults/fault-backend.js';
export type { FaultBackend } from './faults/fault-backend.js';
export type {
  FaultKind,
  FaultOptions,
  FaultRate,
  FaultRates,
  ScriptedFault,
  HappenedFault,
} from './faults/fault-options.js';
export { virtualClock } from './faults/virtual-clock.js';
export type { VirtualClock } from './faults/virtual-clock.js';
export { register } from './register.js';
export type { ContractRunner } from './register.js';
export { ruleSentences } from './rule-sentences.js';
export type { RuleId } from './rule-sentences.js';
export type { Note } from './trace.js';
export { wordInputs } from './execution-backend/word-inputs.js';
export type { Words } from './execution-backend/word-inputs.js';
export { workerLogContract } from './worker-log-contract.js';
export type { WorkerLogHarness } from './worker-log/harness.js';
