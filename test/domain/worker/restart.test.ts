import { describe, expect, it } from 'vitest';
import { resolveCursor } from '../../../src/domain/observation/cursor.js';
import { cursorAt } from '../../../src/domain/worker/decide-input.js';
import type { Step } from '../../support/decider-spec.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  adopted,
  busy,
  busyUnable,
  cancel,
  closed,
  disconnected,
  exited,
  faulty,
  g1,
  g2,
  g3,
  idle,
  inputA,
  lost,
  placeholder,
  reconnect,
  reconnecting,
  recover,
  recoverAnswered,
  recovering,
  recoveringOpen,
  recoveringUndecided,
  respawning,
  stopped,
  stoppingBusy,
  undecided,
  said,
  questionQ,
  asking,
} from '../../support/worker-steps.js';

const position: Step = { type: 'position', generation: g1, sequence: 4 };
const connecting = { type: 'execution-connecting', generation: 2, cause: 'recover' } as const;

describe('a Worker after a restart', () => {
  it.each([
    ['idle', idle, undefined],
    ['idle with an undecided input', undecided, inputA],
    ['busy', busy, inputA],
  ] as const)('R2: one that was %s is recovered under a new generation', (_, steps, inputId) => {
    given(...steps, position)
      .when(recover())
      .then(connecting)
      .thenFacts('generation-reserved')
      .thenCalls({ type: 'recover', generation: g2, position: { generation: g1, sequence: 4 }, inputId })
      .thenStatus({ status: 'connecting', generation: 2, cause: 'recover' });
  });

  it('O6: a question that was closed before the restart is not closed again', () => {
    given(...asking, said({ type: 'question-withdrawn', questionId: questionQ, cause: 'expired' }))
      .when(recover())
      .then('execution-connecting');
  });

  it('R2: one that was connecting is recovered from its last execution', () => {
    given(...reconnecting)
      .when(recover())
      .then({ ...connecting, generation: 3 })
      .thenCalls({ type: 'recover', generation: g3, position: { generation: g1, sequence: 0 } });
    given(...recoveringOpen)
      .when(recover())
      .then({ ...connecting, generation: 3 })
      .thenCalls({ type: 'recover', generation: g3, position: { generation: g1, sequence: 0 }, inputId: inputA })
      .thenStatus({ status: 'connecting', input: { phase: 'open', inputId: inputA } });
  });

  it('R2: one that was connecting without an execution is host-restarted and stopped by name', () => {
    given(...respawning)
      .when(recover())
      .then({ type: 'execution-disconnected', generation: 2, reason: 'host-restarted' })
      .thenCalls()
      .thenOwed(1, 2);
  });

  it('R2: unconnected and stopped ones stay', () => {
    for (const steps of [placeholder, exited, lost, closed, stopped]) {
      given(...steps)
        .when(recover())
        .thenNothing();
    }
    given()
      .when(recover({ newEpoch: true }))
      .thenNothing();
  });

  it('R2: one that was stopping is stopped', () => {
    given(...stoppingBusy)
      .when(recover())
      .then({ type: 'input-ended', end: 'cancelled' }, 'execution-disconnected', 'worker-stopped')
      .thenStatus({ status: 'stopped', end: 'killed' })
      .thenOwed(1);
  });

  it('R2: an execution that cannot be recovered is host-restarted, its run interrupted, and stopped by name', () => {
    given(...busyUnable)
      .when(recover())
      .then(
        { type: 'input-ended', end: 'interrupted', code: undefined },
        {
          type: 'execution-disconnected',
          generation: 1,
          reason: 'host-restarted',
        },
      )
      .thenCalls()
      .thenOwed(1);
  });

  it('R2: one whose backend is not configured is recover-refused and kept for a reconnect', () => {
    given(...busy)
      .when(recover({ canRecover: false }))
      .then({ type: 'input-ended', end: 'interrupted' }, { type: 'execution-disconnected', reason: 'recover-refused' })
      .thenCalls()
      .thenOwed();
    given(...idle, recover({ canRecover: false }))
      .when(reconnect())
      .thenCalls('recover');
  });

  it('R2: an adopted run goes on', () => {
    given(...recoveringOpen)
      .when(adopted())
      .then({ type: 'execution-connected', generation: 2 })
      .thenCalls()
      .thenStatus({ status: 'busy', generation: 2, input: { phase: 'open', inputId: inputA } });
    given(...recovering)
      .when(adopted())
      .then('execution-connected')
      .thenStatus({ status: 'idle', generation: 2 });
  });

  it('R2: an undecided input that was taken is accepted, it is never sent again', () => {
    given(...recoveringUndecided)
      .when(adopted(true))
      .then('execution-connected', { type: 'input-accepted', inputId: inputA })
      .thenCalls()
      .thenStatus({ status: 'busy', generation: 2 });
    given(...undecided, cancel(), recover())
      .when(adopted(true))
      .thenCalls({ type: 'cancel', generation: g2, inputId: inputA, deadlineMs: 10_000 });
  });

  it('R2: an undecided input that was not taken is free again', () => {
    const { decision } = given(...recoveringUndecided)
      .when(adopted(false))
      .then('execution-connected')
      .thenCalls()
      .thenStatus({ status: 'idle', generation: 2, input: undefined });
    expect(decision.facts.at(-1)).toMatchObject({
      type: 'input-settled',
      as: 'refused',
      refusal: { outcome: 'errored', executed: 'no' },
    });
    given(...undecided, cancel(), recover())
      .when(adopted(false))
      .thenCalls();
  });

  it('W16: an adoption that does not say what became of the input, or denies it, is not trusted', () => {
    given(...recoveringUndecided)
      .when(adopted())
      .then({ type: 'execution-disconnected', generation: 2, reason: 'recover-refused' })
      .thenFacts('input-settled', 'execution-gone', 'stop-owed')
      .thenOwed(2);
    given(...recoveringOpen)
      .when(adopted(false))
      .then(
        { type: 'input-ended', end: 'interrupted', code: 'backend-fault' },
        {
          type: 'execution-disconnected',
          reason: 'recover-refused',
        },
      )
      .thenOwed(2);
    given(...recoveringOpen, adopted(false))
      .when(reconnect())
      .thenCalls('spawn');
  });

  it.each([
    ['lost', { outcome: 'lost' }],
    ['unsupported', { outcome: 'unsupported', operation: 'reconnect' }],
  ] as const)('R2: a recovery answered %s is host-restarted, and what may be left is stopped by name', (_, answer) => {
    given(...recoveringOpen)
      .when(recoverAnswered(answer))
      .then(
        { type: 'input-ended', end: 'interrupted' },
        {
          type: 'execution-disconnected',
          generation: 2,
          reason: 'host-restarted',
        },
      )
      .thenCalls()
      .thenOwed(2);
    given(...recoveringOpen, recoverAnswered(answer))
      .when(reconnect())
      .thenCalls('spawn');
  });

  it.each([
    ['rejected', { outcome: 'rejected', code: 'backend-rejected' }, 'recover-refused'],
    ['busy', { outcome: 'busy' }, 'recover-refused'],
    ['faulty', faulty(), 'recover-refused'],
    ['late', faulty('backend-timeout'), 'recover-timeout'],
  ] as const)('R2: a recovery answered %s interrupts the run and keeps the execution', (_, answer, reason) => {
    given(...recoveringOpen)
      .when(recoverAnswered(answer))
      .then({ type: 'input-ended', end: 'interrupted' }, { type: 'execution-disconnected', generation: 2, reason })
      .thenStatus({ status: 'unconnected', reason })
      .thenOwed();
    given(...recoveringOpen, recoverAnswered(answer))
      .when(reconnect())
      .thenCalls('recover');
  });

  it('an execution that exits during its recovery interrupts the run', () => {
    given(...recoveringOpen)
      .when(disconnected('exited', g2))
      .then({ type: 'input-ended', end: 'interrupted' }, { type: 'execution-disconnected', reason: 'exited' })
      .thenOwed();
  });

  it('P5: a tail in doubt begins a new epoch from the next sequence on', () => {
    const { state, before } = given(...idle).when(recover({ newEpoch: true }), {
      newId: () => '00000000-0000-4000-8000-0000000000ff',
    });
    expect(state.epochs.map(({ from }) => from)).toEqual([1, 3]);
    expect(cursorAt(state, before.sequence)).toBe(cursorAt(before, before.sequence));
    expect(cursorAt(state, state.sequence).slice(3, 11)).toBe(state.epochs[1]?.epoch);
    const unsure = cursorAt(before, state.sequence);
    expect(resolveCursor(unsure, { epochs: state.epochs, last: state.sequence })).toEqual({
      problem: 'cursor-unknown',
    });
  });

  it('P5: an epoch in which nothing was observed is forgotten', () => {
    const { epochs } = stateAfter(...placeholder, ...Array.from({ length: 9 }, () => recover({ newEpoch: true })));
    expect(epochs.map(({ from }) => from)).toEqual([1, 2]);
    expect(stateAfter(...idle, recover()).epochs).toHaveLength(1);
    expect(stateAfter(...busyUnable, recover({ newEpoch: true })).epochs).toHaveLength(2);
    expect(stateAfter(...stoppingBusy, recover({ newEpoch: true })).epochs).toHaveLength(2);
  });
});
