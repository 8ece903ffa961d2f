import test from 'node:test';

import { capabilitiesOf, executionBackendContract, register } from 'workport/contracts';

import { harness } from './harness.mjs';

/** @type {(name: string, reason: string) => void} */
const skip = (name, reason) => void test(name, { skip: reason });
register(executionBackendContract(harness), { test, skip }, capabilitiesOf(harness));
