import { describe, expect, test } from 'vitest';

import { browserGatewayContract } from '../../src/contracts/browser-gateway-contract.js';
import type { ContractCase } from '../../src/contracts/contract-case.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { casesByRule, keptElsewhere } from '../../src/contracts/rule-coverage.js';
import type { JudgedPort } from '../../src/contracts/rule-coverage.js';
import { type RuleId, ruleSentences } from '../../src/contracts/rule-sentences.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { inMemoryLog } from '../../src/index.js';
import { gatewayHarness } from '../support/contracts/gateway-harness.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';

const everyRule = Object.keys(ruleSentences) as readonly RuleId[];
const suites: Readonly<Record<JudgedPort, readonly ContractCase[]>> = {
  'execution-backend': executionBackendContract(scriptedHarness),
  'worker-log': workerLogContract({ create: () => Promise.resolve(inMemoryLog()) }),
  'browser-gateway': browserGatewayContract(gatewayHarness((runtime) => runtime)),
};
const ports = Object.keys(suites) as readonly JudgedPort[];

describe.each(ports)('the suite of the port %s', (port) => {
  const cited = casesByRule(suites[port]);

  test('has a case for each rule that what it judges can break, and says of every other who keeps it', () => {
    const answeredTwiceOrNever = everyRule.filter((rule) => cited.has(rule) === rule in keptElsewhere[port]);
    expect(answeredTwiceOrNever).toEqual([]);
  });

  test('cites no rule that does not exist', () => {
    expect([...cited.keys()].filter((rule) => !everyRule.includes(rule))).toEqual([]);
  });
});

test('a rule that no suite has a case for is one that no adapter keeps alone', () => {
  const cited = new Set(ports.flatMap((port) => [...casesByRule(suites[port]).keys()]));
  const inNoSuite: readonly RuleId[] = ['P4', 'R1', 'R6', 'E1', 'E2', 'E3'];
  expect(inNoSuite).toEqual(expect.arrayContaining(everyRule.filter((rule) => !cited.has(rule))));
});

test('the ids of cases are unique over all suites', () => {
  const ids = ports.flatMap((port) => suites[port].map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
