// #region check
import { capabilitiesOf, checkContract, executionBackendContract } from 'workport/contracts';

import { greeter } from './greeter.mjs';

const text = (/** @type {string} */ words) => [{ type: /** @type {const} */ ('text'), text: words }];

/** @type {import('workport/contracts').ExecutionBackendHarness} */
const harness = {
  create: async () => greeter(),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: {
    completes: () => text('Ada'),
    streams: (count) => text('Ada '.repeat(count)),
    fails: () => text('nobody'),
  },
};

const report = await checkContract(executionBackendContract(harness), {
  capabilities: capabilitiesOf(harness),
  onResult: ({ status, id, title, reason }) => console.log(status, id, title, reason ?? ''),
});
process.exitCode = report.failed > 0 ? 1 : 0;
// #endregion check
