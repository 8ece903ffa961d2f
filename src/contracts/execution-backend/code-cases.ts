import assert from 'node:assert/strict';

import { isBackendCode } from '../../domain/codes.js';
import { assertClosed, type Method } from './answers.js';
import { type Answered, type Call, calls } from './calls.js';
import type { CaseDefinition } from './case-definition.js';
import { declaredCapabilities } from './harness.js';
import { newWorkerId, type Stage, StagedExecution } from './stage.js';

/** A code is of the form of codes, and nothing that the backend keeps to itself stands in it. */
function assertPlain(stage: Stage, method: Method, answer: Answered): void {
  assertClosed(method, answer);
  const { code } = answer;
  if (code === undefined) return;
  assert.ok(isBackendCode(code), `a code of ${method} is kebab-case, at most 64 characters`);
  const shown = (stage.harness.canaries ?? []).filter((canary) => code.includes(canary));
  assert.equal(shown.length, 0, `a canary stands in a code of ${method}`);
}

const declared = (stage: Stage, { capability }: Call): boolean =>
  capability === undefined || declaredCapabilities(stage.harness)[capability];

async function assertAllPlain(stage: Stage, execution: StagedExecution): Promise<void> {
  for (const call of calls) {
    if (declared(stage, call)) assertPlain(stage, call.method, await call.perform(execution, stage.signal));
  }
}

/** What a refusal shows: over all methods. */
export const codeCases: readonly CaseDefinition[] = [
  {
    id: 'EB-CODE-001',
    title: 'the codes of a spawn that is refused are kebab-case and hold no secret of the backend',
    rules: ['B5', 'B2', 'B3'],
    requires: ['refused-profile'],
    async run(stage) {
      const answer = await stage.spawn(stage.publisher({ workerId: newWorkerId() }), stage.harness.refusedProfile);
      assertPlain(stage, 'spawn', answer);
    },
  },
  {
    id: 'EB-CODE-002',
    title: 'the codes with which a lower generation is refused are kebab-case and hold no secret of the backend',
    rules: ['B5', 'B2', 'B3'],
    async run(stage) {
      const execution = await stage.execution({ generation: 2 });
      await assertAllPlain(stage, new StagedExecution(stage, stage.publisher(execution.named(1)), execution.facts));
    },
  },
  {
    id: 'EB-CODE-003',
    title: 'the codes of what comes after a disposal are kebab-case and hold no secret of the backend',
    rules: ['B5', 'B2', 'B3'],
    async run(stage) {
      const execution = await stage.execution();
      await stage.answered('dispose', async () => stage.backend[Symbol.asyncDispose]());
      await assertAllPlain(stage, execution);
    },
  },
  {
    id: 'EB-CODE-004',
    title: 'the codes with which an idle execution refuses are kebab-case and hold no secret of the backend',
    rules: ['B5', 'B2', 'B3'],
    async run(stage) {
      const execution = await stage.execution();
      for (const call of calls) {
        if (!declared(stage, call) || !['answer', 'cancel'].includes(call.method)) continue;
        assertPlain(stage, call.method, await call.perform(execution, stage.signal));
      }
      await execution.completes();
    },
  },
];
