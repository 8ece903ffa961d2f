import { describe, expect, it } from 'vitest';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import { nextDeadline } from '../../../src/domain/worker/decide-host.js';
import { settle } from '../../../src/domain/worker/settle.js';
import type { Step } from '../../support/decider-spec.js';
import { given, now, stateAfter } from '../../support/decider-spec.js';
import {
  asking,
  busy,
  cancel,
  closed,
  deadlinePassed,
  disconnected,
  dispatched,
  exited,
  faulted,
  g1,
  g2,
  hostClosing,
  idleUnable,
  inputA,
  inputDecided,
  lost,
  placeholder,
  reconnecting,
  recover,
  recoveringOpen,
  recoveringUndecided,
  reserved,
  respawning,
  runEnded,
  said,
  stop,
  stopAnswered,
  stopped,
  stoppingBusy,
  stoppingIdle,
  stoppingUndecided,
  undecided,
  busyUnable,
  logRestored,
  correlation,
} from '../../support/worker-steps.js';

const at = (afterMs: number) => ({ now: now + afterMs });
const repliesTo = (steps: readonly Step[], command: WorkerCommand, afterMs = 0) => {
  const { decision, state } = given(...steps).when(command, at(afterMs));
  return decision.facts.flatMap((fact) => settle({ for: 'stop' }, fact, state) ?? []);
};
const killed = [
  { type: 'question-closed', end: 'interrupted' },
  { type: 'input-ended', end: 'cancelled' },
  { type: 'execution-disconnected', generation: 1, reason: 'closed' },
  { type: 'worker-stopped', cause: 'user' },
] as const;

describe('stop', () => {
  it('W13: a stop is recorded, then the backend is asked', () => {
    const { state } = given(...busy)
      .when(stop({ cause: 'system', graceMs: 2_000, settleMs: 3_000 }))
      .then('worker-stopping')
      .thenCalls({ type: 'stop', generation: g1, graceMs: 2_000 })
      .thenPending({ for: 'stop' })
      .thenStatus({ status: 'stopping', generation: 1, cause: 'system', input: { inputId: inputA } });
    expect(nextDeadline(state)).toBe(now + 5_000);
  });

  it('W13: the open input ends cancelled before the Worker is stopped', () => {
    given(...asking, stop())
      .when(stopAnswered('stopped'))
      .then(
        { type: 'question-closed', end: 'interrupted' },
        { type: 'input-ended', end: 'cancelled', inputId: inputA },
        { type: 'worker-stopped', cause: 'user' },
      )
      .thenStatus({ status: 'stopped', cause: 'user', end: 'stopped' })
      .thenOwed();
    expect(repliesTo(stoppingBusy, stopAnswered())).toEqual([{ outcome: 'accepted', end: 'stopped' }]);
  });

  it('W13: a run that ends while stopping keeps its own end', () => {
    given(...stoppingBusy, said(runEnded('completed')))
      .when(stopAnswered())
      .then('worker-stopped');
  });

  it('W13: a repeated stop waits with the first, and gets its result once stopped', () => {
    given(...stoppingBusy)
      .when(stop({ cause: 'system', graceMs: 0 }))
      .thenPending({ for: 'stop' })
      .thenNothing();
    given(...stopped)
      .when(stop({ cause: 'system' }))
      .thenAccepted({ end: 'stopped' });
    given(...stoppingIdle, stopAnswered('failed'))
      .when(stop())
      .thenAccepted({ end: 'killed' });
    expect(stateAfter(...stoppingBusy, stop({ cause: 'system' })).status).toMatchObject({ cause: 'user' });
  });

  it('W13: a dispatch accepted while stopping is recorded as accepted and cancelled together', () => {
    const both = [
      { type: 'input-accepted', inputId: inputA },
      { type: 'input-ended', end: 'cancelled', inputId: inputA },
    ] as const;
    given(...stoppingUndecided)
      .when(dispatched())
      .then(...both)
      .thenCalls()
      .thenStatus({ status: 'stopping', input: undefined });
    given(...undecided, dispatched('unknown'), stop())
      .when(inputDecided(true))
      .then(...both);
    given(...undecided, dispatched('unknown'), stop())
      .when(inputDecided(false))
      .then()
      .thenFacts('input-settled');
    given(...undecided, cancel(), stop())
      .when(dispatched())
      .then(...both)
      .thenCalls();
  });

  it('W13: a dispatch refused while stopping is refused', () => {
    const { decision } = given(...stoppingUndecided)
      .when(dispatched('busy'))
      .then();
    expect(decision.facts).toMatchObject([{ type: 'input-settled', as: 'refused', refusal: { outcome: 'busy' } }]);
  });

  it('W8: an input still undecided when the Worker is stopped is unknown', () => {
    const { decision } = given(...stoppingUndecided)
      .when(stopAnswered())
      .then('worker-stopped');
    expect(decision.facts).toContainEqual(expect.objectContaining({ type: 'input-settled', as: 'unknown' }));
  });

  it('W12: a stop that the execution has not declared is unsupported and leaves the Worker as it was', () => {
    for (const steps of [idleUnable, busyUnable])
      given(...steps)
        .when(stop())
        .thenUnsupported('stop');
  });

  it('W12: a declared stop that fails ends as killed', () => {
    given(...asking, stop())
      .when(stopAnswered('failed'))
      .then(...killed)
      .thenStatus({ status: 'stopped', end: 'killed' })
      .thenOwed(1);
    expect(repliesTo(stoppingBusy, stopAnswered('failed'))).toEqual([{ outcome: 'accepted', end: 'killed' }]);
  });

  it('W12: a declared stop that hangs ends as killed at its deadline', () => {
    given(...asking, stop())
      .when(deadlinePassed, at(10_000))
      .then(...killed)
      .thenOwed(1);
    given(...asking, stop())
      .when(deadlinePassed, at(9_999))
      .thenNothing();
    expect(repliesTo(stoppingBusy, deadlinePassed, 10_000)).toEqual([{ outcome: 'accepted', end: 'killed' }]);
  });

  it('W13: a backend that answers killed has closed its generation and owes no further answer', () => {
    given(...asking, stop())
      .when(stopAnswered('killed'))
      .then(...killed)
      .thenStatus({ status: 'stopped', end: 'killed' })
      .thenOwed();
  });

  it('W12: a fault while stopping kills', () => {
    for (const command of [faulted(), hostClosing, logRestored, recover()]) {
      given(...asking, stop())
        .when(command)
        .then(...killed)
        .thenOwed(1);
    }
    given(...stoppingUndecided)
      .when(dispatched('faulty'))
      .then({ type: 'execution-disconnected', reason: 'closed' }, 'worker-stopped')
      .thenStatus({ status: 'stopped', end: 'killed' })
      .thenOwed(1);
  });

  it.each([
    ['that was never connected', placeholder, []],
    ['whose execution exited', exited, [1]],
    ['whose connection was lost', lost, [1]],
    ['whose generation was closed', closed, [1]],
    ['that reconnects', reconnecting, [2]],
    ['that spawns anew', respawning, [1, 2]],
    ['that is recovered', recoveringOpen, [2]],
  ] as const)('W12: a Worker %s can be stopped', (_, steps, owed) => {
    const { decision } = given(...steps)
      .when(stop())
      .thenCalls()
      .thenPending({ for: 'stop' })
      .thenStatus({ status: 'stopped', cause: 'user', end: 'stopped' })
      .thenOwed(...owed);
    const types = decision.facts.flatMap((fact) => (fact.type === 'observed' ? fact.event.type : []));
    expect(types[0]).toBe('worker-stopping');
    expect(types.at(-1)).toBe('worker-stopped');
    expect(repliesTo([...steps], stop())).toEqual([{ outcome: 'accepted', end: 'stopped' }]);
  });

  it('W13: a stop during recovery ends the open input, and an undecided one as unknown', () => {
    given(...recoveringOpen)
      .when(stop())
      .then('worker-stopping', { type: 'input-ended', end: 'cancelled', inputId: inputA }, 'worker-stopped');
    given(...recoveringUndecided)
      .when(stop())
      .then('worker-stopping', 'worker-stopped')
      .thenFacts('input-settled');
  });

  it('W13: a stop answers who waits for the reconnect', () => {
    const { decision, state } = given(...reconnecting).when(stop());
    const replies = decision.facts.flatMap((fact) => settle({ for: 'reconnect' }, fact, state) ?? []);
    expect(replies).toEqual([{ outcome: 'rejected', code: 'worker-stopping' }]);
  });

  it('an execution that exits while stopping ends its input, and the answer to the stop ends the Worker', () => {
    const gone = [...stoppingBusy, disconnected()] as const;
    given(...stoppingBusy)
      .when(disconnected())
      .then({ type: 'input-ended', end: 'cancelled', correlationId: correlation })
      .thenStatus({ status: 'stopping', generation: undefined, input: undefined })
      .thenOwed();
    given(...gone)
      .when(stopAnswered('stopped'))
      .then('worker-stopped')
      .thenOwed();
    given(...gone)
      .when(stopAnswered('failed'))
      .then('worker-stopped')
      .thenStatus({ status: 'stopped', end: 'killed' })
      .thenOwed();
    given(...gone)
      .when(stopAnswered('stopped', g2))
      .thenIgnored();
    given(...gone)
      .when(disconnected())
      .thenIgnored();
    given(...gone)
      .when(said())
      .thenRefused('stale-generation');
    given(...stoppingBusy)
      .when(disconnected('connection-lost'))
      .thenStatus({ status: 'stopping' })
      .thenOwed(1);
  });

  it('W15: an answer to a stop of another generation, or without a stop, is ignored', () => {
    given(...stoppingBusy)
      .when(stopAnswered('stopped', g2))
      .thenIgnored();
    given(...busy)
      .when(stopAnswered())
      .thenIgnored();
    given(...stopped)
      .when(stopAnswered('killed'))
      .thenIgnored();
  });

  it('stop of a Worker that nobody can see answers worker-unknown', () => {
    given().when(stop()).thenRejected('worker-unknown');
    given(...reserved)
      .when(stop())
      .thenRejected('worker-unknown');
  });
});
