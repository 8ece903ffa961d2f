import assert from 'node:assert/strict';

import { canariesIn } from '../canaries.js';
import { type Answered, assertClosed, assertCode } from './answers.js';
import { type Call, calls } from './calls.js';
import type { CaseDefinition } from './case-definition.js';
import { declaredCapabilities } from './harness.js';
import { newWorkerId, type Stage, StagedExecution } from './stage.js';

interface Refusal {
  readonly number: `00${number}`;
  /** Whose codes they are. */
  readonly whose: string;
  readonly requires?: CaseDefinition['requires'];
  /** Calls that are refused, and what they were answered with. */
  answers(stage: Stage): Promise<readonly (readonly [Call, Answered])[]>;
}

const isDeclared = (stage: Stage, { capability }: Call): boolean =>
  capability === undefined || declaredCapabilities(stage.harness)[capability];

async function answersOf(
  stage: Stage,
  execution: StagedExecution,
  asked: readonly Call[] = calls,
): Promise<[Call, Answered][]> {
  const answers: [Call, Answered][] = [];
  for (const call of asked) {
    if (isDeclared(stage, call)) answers.push([call, await call.perform(execution, stage.signal)]);
  }
  return answers;
}

const refusals: readonly Refusal[] = [
  {
    number: '001',
    whose: 'a spawn that is refused',
    requires: ['refused-profile'],
    async answers(stage) {
      const answer = await stage.spawn(stage.publisher({ workerId: newWorkerId() }), stage.harness.refusedProfile);
      return calls.filter(({ method }) => method === 'spawn').map((call) => [call, answer]);
    },
  },
  {
    number: '002',
    whose: 'a lower generation',
    async answers(stage) {
      const execution = await stage.execution({ generation: 2 });
      return answersOf(stage, new StagedExecution(stage, stage.publisher(execution.named(1)), execution.facts));
    },
  },
  {
    number: '004',
    whose: 'an idle execution that refuses',
    async answers(stage) {
      const execution = await stage.execution();
      const refused = calls.filter(({ method }) => method === 'answer' || method === 'cancel');
      const answers = await answersOf(stage, execution, refused);
      await execution.completes();
      return answers;
    },
  },
];

const formOf = ({ number, whose, requires, answers }: Refusal): CaseDefinition => ({
  id: `EB-CODE-${number}`,
  title: `the codes of ${whose} are kebab-case, at most 64 characters`,
  rules: ['B5'],
  requires,
  async run(stage) {
    for (const [{ method }, answer] of await answers(stage)) {
      assertClosed(method, answer);
      assertCode(method, answer);
    }
  },
});

const secretsOf = ({ number, whose, requires = [], answers }: Refusal): CaseDefinition => ({
  id: `EB-SECRET-${number}`,
  title: `the codes of ${whose} hold no secret of the backend, in no form`,
  rules: ['B2', 'B3'],
  requires: ['canaries', ...requires],
  async run(stage) {
    for (const [{ method }, answer] of await answers(stage)) {
      assertClosed(method, answer);
      const { code = '' } = answer;
      assert.equal(canariesIn(code, stage.harness.canaries).length, 0, `a canary stands in a code of ${method}`);
    }
  },
});

/** What a refusal shows: over all methods. */
export const codeCases: readonly CaseDefinition[] = [...refusals.map(formOf), ...refusals.map(secretsOf)];
