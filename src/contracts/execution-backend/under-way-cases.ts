import { assertClosed } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { goesOn } from './goes-on.js';
import { type Situation, situations } from './open-calls.js';

const abortedMidway = ({ method, number, requires, arrange }: Situation): CaseDefinition => ({
  id: `EB-MIDWAY-${number}`,
  title: `${method} whose signal aborts while it is under way is answered by a value, and the Worker can go on`,
  rules: ['W16', 'W18'],
  requires,
  async run(stage) {
    const { execution, perform } = await arrange(stage);
    const caller = new AbortController();
    const answer = perform(caller.signal);
    caller.abort();
    assertClosed(method, await answer);
    await goesOn(stage, execution);
  },
});

const crashedMidway = ({ method, number, requires, arrange }: Situation): CaseDefinition => ({
  id: `EB-CRASH-${number}`,
  title: `${method} that is open when its execution crashes is answered by a value`,
  rules: ['W16', 'W18', 'E5'],
  requires: ['crash', ...requires],
  async run(stage) {
    const { execution, perform } = await arrange(stage);
    const answer = perform();
    await stage.crash(execution.handle);
    assertClosed(method, await answer);
  },
});

/** What becomes of a call while nobody waits for it any more, or nothing answers it. */
export const underWayCases: readonly CaseDefinition[] = [
  ...situations.map(abortedMidway),
  // Of a cancel EB-EXIT-002 says it.
  ...situations.filter(({ method }) => method !== 'cancel').map(crashedMidway),
];
