import assert from 'node:assert/strict';

import type { Capabilities } from '../../ports/execution-backend.js';
import { assertClosed, assertCode, assertRefused, assertStale } from './answers.js';
import { type Call, calls, needed } from './calls.js';
import type { CaseDefinition } from './case-definition.js';
import { type Stage, StagedExecution } from './stage.js';

/** E6: a lower generation is answered `stale-generation` and does nothing. */
const staleGeneration = (call: Call): CaseDefinition => ({
  ...needed(call),
  id: `EB-STALE-${call.number}`,
  title: `${call.method} under a lower generation answers stale-generation, and the execution goes on`,
  rules: ['E6', 'W15'],
  async run(stage) {
    const execution = await stage.execution({ generation: 2 });
    const publisher = stage.publisher(execution.named(1));
    const stale = new StagedExecution(stage, publisher, execution.facts);
    assertStale(await call.perform(stale, stage.signal), call.method);
    await execution.completes();
    assert.deepEqual(publisher.events, [], 'the lower generation says nothing');
  },
});

/** W12: what is not declared answers `unsupported` and changes nothing. */
const undeclared = (call: Call & { readonly capability: keyof Capabilities }): CaseDefinition => ({
  id: `EB-UNSUPPORTED-${call.number}`,
  title: `${call.method} without its capability answers unsupported, and the execution goes on`,
  rules: ['W12'],
  excludes: [call.capability],
  async run(stage) {
    const execution = await stage.execution();
    assert.equal((await call.perform(execution, stage.signal)).outcome, 'unsupported');
    await execution.completes();
  },
});

/** W18: nothing hangs on what has been disposed. */
const afterDisposal = (call: Call): CaseDefinition => ({
  ...needed(call),
  id: `EB-DISPOSED-${call.number}`,
  title: `${call.method} on a disposed backend is answered by a value, with a kebab-case code, and nothing connects or runs`,
  rules: ['W16', 'W18', 'B5'],
  async run(stage) {
    const execution = await stage.execution();
    await stage.answered('dispose', async () => stage.backend[Symbol.asyncDispose]());
    const answer = await call.perform(call.method === 'spawn' ? fresh(stage, execution) : execution, stage.signal);
    assertClosed(call.method, answer);
    assertCode(call.method, answer);
    const ran =
      ['connected', 'adopted'].includes(answer.outcome) ||
      (call.method === 'dispatch' && answer.outcome === 'accepted');
    assert.ok(!ran, `${call.method} is refused, not ${answer.outcome}`);
  },
});

/** W1: a Worker that was never spawned has nothing that a call could reach. */
const neverSpawned = (call: Call): CaseDefinition => ({
  ...needed(call),
  id: `EB-UNKNOWN-${call.number}`,
  title: `${call.method} for a Worker that was never spawned is refused by a value, and nothing is said`,
  rules: ['W1', 'W16'],
  async run(stage) {
    const execution = await stage.execution();
    const nobody = fresh(stage, execution);
    const answer = await call.perform(nobody, stage.signal);
    assertClosed(call.method, answer);
    if (answer.outcome !== 'lost') assertRefused(answer, `${call.method} reaches nothing`);
    await execution.completes();
    assert.deepEqual(nobody.publisher.events, []);
  },
});
const reachesOne = ({ method }: Call): boolean => !['spawn', 'stop'].includes(method);

const fresh = (stage: Stage, { facts }: StagedExecution): StagedExecution =>
  new StagedExecution(stage, stage.publisher(), facts);

const isCapability = (call: Call): call is Call & { readonly capability: keyof Capabilities } =>
  call.capability !== undefined;

/** The same claims about every method, so that none is forgotten. */
export const traitCases: readonly CaseDefinition[] = [
  ...calls.map(staleGeneration),
  ...calls.filter(isCapability).map(undeclared),
  ...calls.map(afterDisposal),
  ...calls.filter(reachesOne).map(neverSpawned),
  {
    id: 'EB-DISPOSED-007',
    title: 'a disposal that is repeated, at once and again, while a run is open, resolves each time',
    rules: ['W18'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.running(stage.inputs.runsUntilCancelled());
      const dispose = (): Promise<void> => stage.answered('dispose', async () => stage.backend[Symbol.asyncDispose]());
      await Promise.all([dispose(), dispose()]);
      await dispose();
    },
  },
];
