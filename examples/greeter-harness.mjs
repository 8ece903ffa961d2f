// #region harness
import { greeter } from './greeter.mjs';

/** @type {(text: string) => import('workport').Part[]} */
const words = (text) => [{ type: 'text', text }];

/** @type {import('workport/contracts').ExecutionBackendHarness} */
export const harness = {
  create: async () => greeter(),
  capabilities: { cancel: true, stop: true, questions: true },
  inputs: {
    completes: () => words('Ada'),
    streams: (count, bytes = 1) => words(`${'A'.repeat(bytes)} `.repeat(count)),
    asks: () => words('?'),
    runsUntilCancelled: () => words('?'),
    fails: () => words('nobody'),
  },
};
// #endregion harness
