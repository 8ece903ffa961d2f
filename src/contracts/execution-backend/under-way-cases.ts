import { assertClosed } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { goesOnAfter } from './goes-on.js';
import { type Situation, situations } from './open-calls.js';

const alreadyAborted = (situation: Situation): CaseDefinition => ({
  id: `EB-ABORTED-${situation.number}`,
  title: `${situation.method} with a signal that has aborted is answered by a value, is done at most once, and the Worker goes on`,
  rules: ['W16', 'W18'],
  requires: situation.requires,
  async run(stage) {
    const call = await situation.arrange(stage);
    const answer = await call.perform(AbortSignal.abort());
    assertClosed(situation.method, answer);
    await goesOnAfter(stage, situation, { call, answer });
  },
});

const abortedMidway = (situation: Situation): CaseDefinition => ({
  id: `EB-MIDWAY-${situation.number}`,
  title: `${situation.method} whose signal aborts while it is under way is answered by a value, is done at most once, and the Worker goes on`,
  rules: ['W16', 'W18'],
  requires: situation.requires,
  async run(stage) {
    const call = await situation.arrange(stage);
    const caller = new AbortController();
    const answered = call.perform(caller.signal);
    caller.abort();
    const answer = await answered;
    assertClosed(situation.method, answer);
    await goesOnAfter(stage, situation, { call, answer });
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
  ...situations.map(alreadyAborted),
  ...situations.map(abortedMidway),
  // Of a cancel EB-EXIT-002 says it.
  ...situations.filter(({ method }) => method !== 'cancel').map(crashedMidway),
];
