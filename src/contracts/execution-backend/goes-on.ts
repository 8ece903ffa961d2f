import type { Stage, StagedExecution } from './stage.js';

/** The Worker can go on: a spawn of the next generation takes an input and completes it. */
export async function goesOn(stage: Stage, execution: StagedExecution, by = 1): Promise<void> {
  const { workerId, generation } = execution.handle;
  const fresh = await stage.execution({ workerId, generation: generation + by });
  await fresh.completes();
}
