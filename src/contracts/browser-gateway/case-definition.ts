import type { CaseCall, ContractCase } from '../contract-case.js';
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

async function perform(
  definition: CaseDefinition,
  harness: BrowserGatewayHarness,
  { signal, note }: CaseCall,
): Promise<void> {
  const subject = await within(signal, 'a gateway from the harness', harness.create({ signal }));
  const gateway = traced(subject.gateway, note);
  const dispose = async (): Promise<void> => subject[Symbol.asyncDispose]();
  const stage = new Stage({ gateway, runtimeId: subject.runtimeId, [Symbol.asyncDispose]: dispose }, harness, signal);
  try {
    await within(signal, definition.title, definition.run(stage));
  } catch (cause) {
    stage.dispose().catch(() => undefined);
    throw cause;
  }
  await stage.dispose();
}

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: BrowserGatewayHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: caseDeadlineMs * (harness.timing ?? 1),
    run: (call) => perform(definition, harness, call),
  };
}
