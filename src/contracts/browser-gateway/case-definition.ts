import type { CaseCall, ContractCase } from '../contract-case.js';
import { perform } from '../perform.js';
import { traced } from '../trace.js';
import { within } from '../within.js';
import type { BrowserGatewayHarness } from './harness.js';
import { Stage } from './stage.js';

/** A case as it is written: with a fresh gateway on its stage. */
export interface CaseDefinition extends Omit<ContractCase, 'deadlineMs' | 'run'> {
  readonly id: `GW-${string}`;
  run(stage: Stage): Promise<void>;
}

const caseDeadlineMs = 5_000;

/** A gateway on its stage, which disposes it. */
async function staged(harness: BrowserGatewayHarness, { signal, note }: CaseCall): Promise<Stage> {
  const subject = await harness.create({ signal });
  const gateway = traced(subject.gateway, note);
  const dispose = async (): Promise<void> => subject[Symbol.asyncDispose]();
  return new Stage({ gateway, runtimeId: subject.runtimeId, [Symbol.asyncDispose]: dispose }, harness, signal);
}

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: BrowserGatewayHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: caseDeadlineMs * (harness.timing ?? 1),
    run: (call) =>
      perform({
        signal: call.signal,
        what: 'a gateway',
        create: () => staged(harness, call),
        run: (stage) => within(call.signal, definition.title, definition.run(stage)),
      }),
  };
}
