export { checkContract } from './check-contract.js';
export type { CaseResult, CheckOptions, ContractReport } from './check-contract.js';
export { runCase, skipReason } from './contract-case.js';
export type { Capability, ContractCase, Provocation, RuleId } from './contract-case.js';
export { executionBackendContract } from './execution-backend-contract.js';
export { capabilitiesOf } from './execution-backend/harness.js';
export type { ExecutionBackendHarness, HarnessInputs } from './execution-backend/harness.js';
export { register } from './register.js';
export type { ContractRunner } from './register.js';
