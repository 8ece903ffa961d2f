import { expect, test } from 'vitest';

import { executionBackendContract } from '../../src/contracts/execution-backend-contract.js';
import { scriptedHarness } from '../support/contracts/generator-harness.js';
import type { PlantedFault } from './plant.js';
import { answerFaults } from './planted-faults/answers.js';
import { cancelFaults } from './planted-faults/cancels.js';
import { endFaults } from './planted-faults/ends.js';
import { generationFaults } from './planted-faults/generations.js';
import { hangFaults } from './planted-faults/hangs.js';
import { inputFaults } from './planted-faults/inputs.js';
import { lossFaults } from './planted-faults/losses.js';
import { publishingFaults } from './planted-faults/publishing.js';
import { questionFaults } from './planted-faults/questions.js';
import { recoverFaults } from './planted-faults/recover.js';
import { secretFaults } from './planted-faults/secrets.js';

const faults: readonly PlantedFault[] = [
  ...answerFaults,
  ...cancelFaults,
  ...endFaults,
  ...generationFaults,
  ...hangFaults,
  ...inputFaults,
  ...lossFaults,
  ...publishingFaults,
  ...questionFaults,
  ...recoverFaults,
  ...secretFaults,
];

/** Cases that no fault planted here fails, and why. Those of the wire have planted faults of their own. */
const foundByNone: Readonly<Record<string, string>> = {};

const ids = executionBackendContract(scriptedHarness)
  .map(({ id }) => id)
  .filter((id) => !id.startsWith('EB-WIRE-'));

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
