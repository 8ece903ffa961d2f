import { describe, expect, it } from 'vitest';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import type { Step } from '../../support/decider-spec.js';
import { given, now } from '../../support/decider-spec.js';
import {
  adopted,
  answered,
  answerText,
  asked,
  asking,
  busy,
  cancel,
  correlation,
  deadlinePassed,
  disconnected,
  dispatched,
  faulted,
  g1,
  idle,
  inputDecided,
  logRestored,
  published,
  reconnect,
  recoveringOpen,
  reserved,
  runEnded,
  said,
  spawned,
  stop,
  stopAnswered,
  text,
  undecided,
} from '../../support/worker-steps.js';

const late = { now: now + 60_000 };
const ways: readonly (readonly [string, readonly Step[], WorkerCommand, 'cancelled' | 'interrupted'])[] = [
  ['W8: a dispatch that throws', [...undecided, said(asked())], dispatched('faulty'), 'interrupted'],
  ['W11: a cancel at its deadline', [...asking, cancel()], deadlinePassed, 'cancelled'],
  ['W13: a stop at its deadline', [...asking, stop()], deadlinePassed, 'cancelled'],
  ['W13: a stop that fails', [...asking, stop()], stopAnswered('failed'), 'cancelled'],
  ['W16: a rule broken in a way that no answer tells', asking, faulted(), 'interrupted'],
  ['W16: the same after a cancel', [...asking, cancel()], faulted(), 'cancelled'],
  ['W19: a failed append', asking, logRestored, 'interrupted'],
  ['W19: a failed append after a cancel', [...asking, cancel()], logRestored, 'cancelled'],
];

describe('to close a generation', () => {
  it.each(ways)('%s closes questions, ends the input and disconnects, in this order', (_, steps, command, end) => {
    const { decision } = given(...steps)
      .when(command, late)
      .thenFacts('stop-owed')
      .thenOwed(1);
    const events = decision.facts.flatMap((fact) => (fact.type === 'observed' ? [fact.event] : []));
    expect(events.slice(0, 3)).toMatchObject([
      { type: 'question-closed', end: 'interrupted' },
      { type: 'input-ended', end },
      { type: 'execution-disconnected', generation: 1, reason: 'closed' },
    ]);
  });

  it.each(ways)('%s: everything later of that generation is refused', (_, steps, command) => {
    const { decision } = given(...steps).when(command, late);
    const after = [...steps, ...decision.facts];
    const refusal = given(...after).state.status.status === 'stopped' ? 'worker-stopped' : 'stale-generation';
    given(...after)
      .when(said())
      .thenRefused(refusal);
    given(...after)
      .when(published(text()))
      .thenRefused(refusal);
    given(...after)
      .when(said(runEnded()))
      .thenRefused(refusal);
    for (const rest of [
      dispatched(),
      answered(),
      stopAnswered(),
      spawned(),
      adopted(true, g1),
      disconnected(),
      faulted(),
      inputDecided(true),
    ]) {
      given(...after)
        .when(rest)
        .thenIgnored();
    }
  });

  it('the correlation id of the fault stands in the events, its text does not', () => {
    given(...busy)
      .when(faulted())
      .then(
        { type: 'input-ended', end: 'interrupted', code: 'backend-fault', correlationId: correlation },
        { type: 'execution-disconnected', correlationId: correlation },
      );
    given(...idle)
      .when(faulted())
      .then({ type: 'execution-disconnected', reason: 'closed', correlationId: correlation });
  });

  it('a generation that recovers is closed with the run it was to adopt', () => {
    given(...recoveringOpen)
      .when(faulted(2 as typeof g1))
      .then({ type: 'input-ended', end: 'interrupted' }, { type: 'execution-disconnected', generation: 2 })
      .thenOwed(2);
  });

  it('what was closed is not recovered by the next reconnect', () => {
    for (const command of [faulted(), logRestored]) {
      given(...asking, answerText(), command)
        .when(reconnect())
        .thenCalls('spawn');
    }
  });

  it('a fault of another generation is ignored', () => {
    for (const steps of [busy, reserved] as const) {
      given(...steps)
        .when(faulted(2 as typeof g1))
        .thenIgnored();
    }
  });
});
