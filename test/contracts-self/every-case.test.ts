import { describe, expect, test } from 'vitest';

import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { browserGatewayContract } from '../../src/contracts/browser-gateway-contract.js';
import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { gatewayHarness } from '../support/contracts/gateway-harness.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import { gatewayFaults } from './gateway-faults.js';
import { logFaults } from './log-faults.js';
import { plantedFaults } from './planted-faults/index.js';
import { wireFaults } from './wire-faults.js';

interface Suite {
  readonly ids: readonly string[];
  readonly faults: readonly { readonly fault: string; readonly found: readonly string[] }[];
  /** Cases that no fault planted here fails, and why. */
  readonly foundByNone: Readonly<Record<string, string>>;
}

const backendIds = executionBackendContract(scriptedHarness).map(({ id }) => id);
const isOfWire = (id: string): boolean => id.startsWith('EB-WIRE-');

const suites: Readonly<Record<string, Suite>> = {
  'execution backends': {
    ids: backendIds.filter((id) => !isOfWire(id)),
    faults: plantedFaults,
    foundByNone: {},
  },
  'the wire': {
    ids: backendIds.filter(isOfWire),
    faults: wireFaults.map(({ fault, found }) => ({ fault, found: found.map((number) => `EB-WIRE-${number}`) })),
    foundByNone: {},
  },
  'worker logs': {
    ids: workerLogContract({ create: () => Promise.resolve(inMemoryLog()) }).map(({ id }) => id),
    faults: Object.entries(logFaults).map(([fault, { fails }]) => ({ fault, found: fails })),
    foundByNone: {},
  },
  'browser gateways': {
    ids: browserGatewayContract(gatewayHarness((runtime) => runtime)).map(({ id }) => id),
    faults: gatewayFaults,
    foundByNone: {},
  },
};

describe.each(Object.entries(suites))('in the suite of %s', (_, { ids, faults, foundByNone }) => {
  test('every case is failed by a planted fault, but for those that say why not', () => {
    const found = new Set(faults.flatMap((fault) => fault.found));
    expect(ids.filter((id) => found.has(id) === id in foundByNone)).toEqual([]);
  });

  test('every planted fault is found, and found by cases that there are', () => {
    expect(faults.filter(({ found }) => found.length === 0)).toEqual([]);
    expect(faults.flatMap(({ found }) => found).filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('planted faults are told apart by what they do wrong', () => {
    const names = faults.map(({ fault }) => fault);
    expect(new Set(names).size).toBe(names.length);
  });
});
