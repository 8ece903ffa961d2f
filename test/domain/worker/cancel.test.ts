import { describe, expect, it } from 'vitest';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import { nextDeadline } from '../../../src/domain/worker/decide-host.js';
import { settle } from '../../../src/domain/worker/settle.js';
import type { Step } from '../../support/decider-spec.js';
import { given, now, stateAfter } from '../../support/decider-spec.js';
import {
  adopted,
  asked,
  asking,
  busy,
  busyUnable,
  cancel,
  closed,
  deadlinePassed,
  disconnected,
  dispatched,
  exited,
  g1,
  g2,
  idle,
  idleUnable,
  input,
  inputA,
  inputB,
  logRestored,
  placeholder,
  reconnecting,
  recover,
  recoveringOpen,
  reserved,
  respawning,
  runEnded,
  said,
  stop,
  stopAnswered,
  stopped,
  stoppingBusy,
  stoppingIdle,
  unable,
  undecided,
  reconnect,
} from '../../support/worker-steps.js';

const at = (afterMs: number) => ({ now: now + afterMs });
const cancelled = [...busy, cancel()] as const;
const waiting = { for: 'cancel', inputId: inputA } as const;
const repliesTo = (steps: readonly Step[], command: WorkerCommand, afterMs = 0) => {
  const { decision, state } = given(...steps).when(command, at(afterMs));
  return decision.facts.flatMap((fact) => settle(waiting, fact, state) ?? []);
};

describe('cancel', () => {
  it('W11: a cancel names its input and has a deadline', () => {
    const { state } = given(...busy)
      .when(cancel(inputA, 1_000))
      .then()
      .thenFacts('cancel-requested')
      .thenCalls({ type: 'cancel', generation: g1, inputId: inputA, deadlineMs: 1_000 })
      .thenPending(waiting)
      .thenStatus({ status: 'busy' });
    expect(nextDeadline(state)).toBe(now + 1_000);
  });

  it('W11: the end of its input answers it quiesced, whatever ended it', () => {
    const quiesced = [{ outcome: 'accepted', end: 'quiesced' }];
    expect(repliesTo(cancelled, said(runEnded('cancelled')))).toEqual(quiesced);
    expect(repliesTo(cancelled, said(runEnded('completed')))).toEqual(quiesced);
    expect(repliesTo(cancelled, disconnected())).toEqual(quiesced);
    expect(repliesTo(cancelled, logRestored)).toEqual(quiesced);
    expect(repliesTo([...cancelled, stop()], stopAnswered())).toEqual(quiesced);
  });

  it('W11: nothing else answers it', () => {
    expect(repliesTo(cancelled, said(asked()))).toEqual([]);
    const elsewhere = { for: 'cancel', inputId: inputB } as const;
    for (const [steps, command] of [
      [cancelled, said(runEnded())],
      [cancelled, deadlinePassed],
      [[...undecided, cancel()], dispatched('busy')],
      [[...undecided, cancel()], deadlinePassed],
    ] as const) {
      const { decision, state } = given(...steps).when(command, at(10_000));
      expect(decision.facts.flatMap((fact) => settle(elsewhere, fact, state) ?? [])).toEqual([]);
    }
  });

  it('W11: at the deadline the generation is closed and the answer is escalated', () => {
    given(...asking, cancel())
      .when(deadlinePassed, at(10_000))
      .then(
        { type: 'question-closed', end: 'interrupted' },
        { type: 'input-ended', end: 'cancelled', code: undefined, inputId: inputA },
        { type: 'execution-disconnected', generation: 1, reason: 'closed' },
      )
      .thenFacts('cancel-escalated', 'stop-owed')
      .thenStatus({ status: 'unconnected', reason: 'closed' })
      .thenOwed(1);
    expect(repliesTo(cancelled, deadlinePassed, 10_000)[0]).toEqual({ outcome: 'accepted', end: 'escalated' });
  });

  it('W11: before its deadline nothing is escalated', () => {
    given(...cancelled)
      .when(deadlinePassed, at(9_999))
      .thenNothing();
    given(...busy)
      .when(deadlinePassed, at(99_999))
      .thenNothing();
    expect(nextDeadline(stateAfter(...busy))).toBeUndefined();
  });

  it('W11: a second cancel waits with the first, the earlier deadline counts', () => {
    const later = given(...cancelled)
      .when(cancel(inputA, 20_000))
      .thenPending(waiting)
      .thenNothing();
    expect(nextDeadline(later.state)).toBe(now + 10_000);
    const earlier = given(...cancelled)
      .when(cancel(inputA, 5_000))
      .thenPending(waiting)
      .thenFacts('cancel-requested')
      .thenCalls();
    expect(nextDeadline(earlier.state)).toBe(now + 5_000);
    given(...cancelled)
      .when(cancel(inputA, 10_000))
      .thenNothing();
  });

  it('W11: a cancel of an undecided input waits for its decision', () => {
    const waits = [...undecided, cancel()] as const;
    given(...undecided)
      .when(cancel())
      .thenFacts('cancel-requested')
      .thenCalls()
      .thenPending(waiting);
    given(...waits)
      .when(dispatched(), at(4_000))
      .then('input-accepted')
      .thenCalls({ type: 'cancel', generation: g1, inputId: inputA, deadlineMs: 6_000 })
      .thenStatus({ status: 'busy', input: { cancellation: { deadlineAt: now + 10_000 } } });
    expect(repliesTo(waits, dispatched('busy'))).toEqual([{ outcome: 'rejected', code: 'input-not-open' }]);
    expect(repliesTo(waits, dispatched('accepted'))).toEqual([]);
  });

  it('W11: a cancel whose input is never decided closes the generation at its deadline', () => {
    const { decision } = given(...undecided, cancel())
      .when(deadlinePassed, at(10_000))
      .then({ type: 'execution-disconnected', reason: 'closed' })
      .thenFacts('cancel-escalated', 'input-settled', 'stop-owed');
    expect(decision.facts).toContainEqual(
      expect.objectContaining({
        type: 'input-settled',
        as: 'unknown',
        refusal: expect.objectContaining({ code: 'backend-timeout', executed: 'unknown' }) as object,
      }),
    );
    expect(repliesTo([...undecided, cancel()], deadlinePassed, 10_000)[0]).toMatchObject({ end: 'escalated' });
  });

  it('W11: a cancel of an input neither open nor undecided answers input-not-open', () => {
    const over = [...busy, said(runEnded())] as const;
    for (const steps of [idle, over, placeholder, exited, closed, stoppingIdle, stopped, reconnecting, respawning]) {
      given(...steps)
        .when(cancel())
        .thenRejected('input-not-open');
    }
    const noCancel = [...reserved, adoptable(), disconnected('connection-lost')] as const;
    given(...noCancel)
      .when(cancel())
      .thenRejected('input-not-open');
    given(...noCancel, reconnect())
      .when(cancel())
      .thenRejected('input-not-open');
    given(...busy)
      .when(cancel(inputB))
      .thenRejected('input-not-open');
    given(...undecided)
      .when(cancel(inputB))
      .thenRejected('input-not-open');
  });

  it('W12: a cancel that the execution has not declared is unsupported and leaves the Worker as it was', () => {
    for (const steps of [busyUnable, idleUnable, [...busyUnable, input(inputB)]]) {
      given(...steps)
        .when(cancel())
        .thenUnsupported('cancel');
    }
  });

  it('W12: what recovers without cancel answers unsupported before it is adopted', () => {
    const once = [...reserved, adoptable(), input(), dispatched(), recover()] as const;
    given(...once)
      .when(cancel())
      .thenUnsupported('cancel');
    given(...reserved, adoptable(), input(), dispatched(), stop())
      .when(cancel())
      .thenUnsupported('cancel');
  });

  it('W11: a cancel goes on while its Worker is recovered', () => {
    given(...recoveringOpen)
      .when(cancel(inputA, 3_000))
      .thenFacts('cancel-requested')
      .thenCalls()
      .thenPending(waiting);
    given(...recoveringOpen, cancel(inputA, 3_000))
      .when(adopted(undefined), at(1_000))
      .thenCalls({ type: 'cancel', generation: g2, inputId: inputA, deadlineMs: 2_000 });
    given(...recoveringOpen, cancel(inputA, 3_000))
      .when(adopted(undefined), at(9_000))
      .thenCalls({ type: 'cancel', generation: g2, inputId: inputA, deadlineMs: 0 });
    given(...recoveringOpen, cancel())
      .when(adopted(undefined, g2, unable))
      .thenCalls();
  });

  it('W11: a cancel at its deadline ends a recovery', () => {
    given(...recoveringOpen, cancel())
      .when(deadlinePassed, at(10_000))
      .then(
        { type: 'input-ended', end: 'cancelled' },
        { type: 'execution-disconnected', generation: 2, reason: 'closed' },
      )
      .thenOwed(2);
  });

  it('W11: a cancel while stopping waits with the stop, its earlier deadline kills', () => {
    given(...stoppingBusy)
      .when(cancel(inputA, 1_000))
      .thenFacts('cancel-requested')
      .thenCalls()
      .thenPending(waiting);
    given(...undecided, cancel(), stop())
      .when(said())
      .then('input-accepted', 'text-delta')
      .thenCalls();
    const early = [...stoppingBusy, cancel(inputA, 1_000)] as const;
    expect(nextDeadline(stateAfter(...early))).toBe(now + 1_000);
    given(...early)
      .when(deadlinePassed, at(1_000))
      .then({ type: 'input-ended', end: 'cancelled' }, 'execution-disconnected', 'worker-stopped')
      .thenFacts('cancel-escalated')
      .thenStatus({ status: 'stopped', end: 'killed' });
  });

  it('W11: an input that was lost with its generation ends cancelled after a cancel', () => {
    given(...cancelled)
      .when(disconnected('connection-lost'))
      .then({ type: 'input-ended', end: 'cancelled' }, { type: 'execution-disconnected', reason: 'connection-lost' });
  });
});

/** An execution that can be recovered and stopped, and no more. */
function adoptable(): WorkerCommand {
  return {
    type: 'spawn-answered',
    generation: g1,
    answer: { outcome: 'connected', codes: [], capabilities: { ...unable, recover: true, stop: true } },
  };
}
