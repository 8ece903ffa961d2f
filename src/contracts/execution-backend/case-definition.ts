import assert from 'node:assert/strict';

import type { ContractCase } from '../contract-case.js';
import { perform } from '../perform.js';
import type { ExecutionBackendHarness } from './harness.js';
import { Stage } from './stage.js';
import { WireStage } from './wire-stage.js';

/** A case as it is written: with a fresh backend on its stage. */
export interface CaseDefinition extends Omit<ContractCase, 'deadlineMs' | 'run'> {
  readonly id: `EB-${string}`;
  run(stage: Stage): Promise<void>;
}

/** A case that speaks to a fresh backend line by line. It needs `wire`. */
export interface WireCaseDefinition extends Omit<ContractCase, 'deadlineMs' | 'run'> {
  readonly id: `EB-WIRE-${string}`;
  run(stage: WireStage): Promise<void>;
}

const caseDeadlineMs = 5_000;
const deadlineOf = ({ timing = 1 }: ExecutionBackendHarness): number => caseDeadlineMs * timing;

/** The case for one harness. */
export function caseFor(definition: CaseDefinition, harness: ExecutionBackendHarness): ContractCase {
  return {
    ...definition,
    deadlineMs: deadlineOf(harness),
    run: ({ signal, note }) =>
      perform({
        signal,
        what: 'a backend',
        create: () => harness.create({ signal }),
        run: (backend) => definition.run(new Stage(backend, harness, { signal, note })),
      }),
  };
}

/** The case for one harness, on its wire alone. */
export function wireCaseFor(definition: WireCaseDefinition, harness: ExecutionBackendHarness): ContractCase {
  const missing = (): never => assert.fail('the harness has no wire');
  return {
    ...definition,
    requires: ['wire', ...(definition.requires ?? [])],
    deadlineMs: deadlineOf(harness),
    run: ({ signal, note }) =>
      perform({
        signal,
        what: 'a backend',
        create: () => (harness.wire ?? missing)({ signal }),
        run: (backend) => definition.run(new WireStage(backend, harness, { signal, note })),
      }),
  };
}
