import assert from 'node:assert/strict';

import { type Answered, assertRejected, isTaken } from './answers.js';
import type { OpenCall, Situation } from './open-calls.js';
import { closed } from './questions.js';
import type { Stage, StagedExecution } from './stage.js';

/** The Worker can go on: a spawn of the next generation takes an input and completes it. */
export async function goesOn(stage: Stage, execution: StagedExecution, by = 1): Promise<void> {
  const { workerId, generation } = execution.handle;
  const fresh = await stage.execution({ workerId, generation: generation + by });
  await fresh.completes();
}

/** How the same call is refused that was taken before. One that is not named here is taken again. */
export const tooLate: Readonly<Partial<Record<Situation['method'], readonly string[]>>> = {
  answer: closed,
  cancel: ['input-not-open'],
};

/** Nobody waited for this call: asked again, it is done once, and its execution goes on as if it had been heard. */
async function isDoneOnce({ method }: Situation, { execution, inputId, perform }: OpenCall): Promise<void> {
  const again = await perform();
  if (!isTaken(again)) assertRejected(again, tooLate[method] ?? [], `the same ${method} again`);
  assert.ok(inputId);
  await execution.ended(inputId);
  await execution.completes();
  assert.equal(execution.endsOf(inputId).length, 1, 'its run ended once');
}

/** What nobody waited for has left the Worker able to go on: in its generation, where that is connected. */
export async function goesOnAfter(
  stage: Stage,
  situation: Situation,
  { call, answer }: { readonly call: OpenCall; readonly answer: Answered },
): Promise<void> {
  const { execution } = call;
  const connects = ['spawn', 'recover'].includes(situation.method);
  if (situation.method === 'stop' || (connects && !isTaken(answer))) return goesOn(stage, execution);
  execution.publisher.release();
  if (connects) await execution.completes();
  else await isDoneOnce(situation, call);
}
