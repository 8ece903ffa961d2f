// #region check
import { capabilitiesOf, checkContract, executionBackendContract } from 'workport/contracts';

import { greeter } from './greeter.mjs';

/** @type {(text: string) => import('workport').Part[]} */
const words = (text) => [{ type: 'text', text }];

/** @type {import('workport/contracts').ExecutionBackendHarness} */
const harness = {
  create: async () => greeter(),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: {
    completes: () => words('Ada'),
    streams: (count) => words('Ada '.repeat(count)),
    asks: () => words('?'),
    runsUntilCancelled: () => words('?'),
    fails: () => words('nobody'),
  },
};

const report = await checkContract(executionBackendContract(harness), {
  capabilities: capabilitiesOf(harness),
  onResult: ({ status, id, title, reason = '' }) => console.log(status, id, title, reason),
});
process.exitCode = report.failed > 0 ? 1 : 0;
// #endregion check
