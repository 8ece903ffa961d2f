import type { ContractCase } from '../contract-case.js';
import { within } from '../within.js';
import type { BrowserGatewayHarness } from './harness.js';
import { Stage } from './stage.js';

/** A case as it is written: with a fresh gateway on its stage. */
export interface CaseDefinition extends Omit<ContractCase, 'deadlineMs' | 'run'> {
  readonly id: `GW-${string}`;
  run(stage: Stage): Promise<void>;
}

const caseDeadlineMs = 5_000;

async function perform(definition: CaseDefinition, harness: BrowserGatewayHarness, signal: AbortSignal): Promise<void> {
  const subject = await within(signal, 'a gateway from the harness', harness.create({ signal }));
  try {
    await within(signal, definition.title, definition.run(new Stage(subject, harness, signal)));
  } finally {
    await within(signal, 'the disposal of the gateway', Promise.resolve(subject[Symbol.asyncDispose]()));
  }
}

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: BrowserGatewayHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: caseDeadlineMs * (harness.timing ?? 1),
    run: ({ signal }) => perform(definition, harness, signal),
  };
}
