import { caseFor } from './browser-gateway/case-definition.js';
import { commandCases } from './browser-gateway/command-cases.js';
import { concurrentCases } from './browser-gateway/concurrent-cases.js';
import type { BrowserGatewayHarness } from './browser-gateway/harness.js';
import { observeCases } from './browser-gateway/observe-cases.js';
import { readCases } from './browser-gateway/read-cases.js';
import { shapeCases } from './browser-gateway/shape-cases.js';
import { traitCases } from './browser-gateway/trait-cases.js';
import type { ContractCase } from './contract-case.js';

const definitions = [...commandCases, ...concurrentCases, ...readCases, ...observeCases, ...shapeCases, ...traitCases];

/** All that a `BrowserGateway` must keep, as cases that know no test runner. Each has a gateway of its own. */
export function browserGatewayContract(harness: BrowserGatewayHarness): readonly ContractCase[] {
  return definitions.map((definition) => caseFor(definition, harness));
}
