import { describe, expect, it } from 'vitest';
import { Generation } from '../../../src/domain/ids.js';
import { damaged as damagedHead } from '../../../src/domain/worker/state.js';
import type { Step } from '../../support/decider-spec.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  answerText,
  asking,
  busy,
  busyUnable,
  cancel,
  closed,
  damaged,
  exited,
  faulted,
  hostClosing,
  idle,
  idleUnable,
  input,
  logRestored,
  owedStopAnswered,
  placeholder,
  published,
  reconnect,
  reconnecting,
  recover,
  respawning,
  reserved,
  stop,
  stopped,
  stoppingBusy,
  text,
  undecided,
} from '../../support/worker-steps.js';

describe('a Worker whose host ends', () => {
  it('what can be recovered is left running', () => {
    for (const steps of [idle, undecided, busy])
      given(...steps)
        .when(hostClosing)
        .thenNothing();
    given(...reconnecting)
      .when(hostClosing)
      .then()
      .thenStatus({ status: 'connecting' })
      .thenOwed();
  });

  it('of the others the open input ends interrupted and the execution is ended', () => {
    given(...busyUnable)
      .when(hostClosing)
      .then(
        { type: 'input-ended', end: 'interrupted', code: undefined },
        {
          type: 'execution-disconnected',
          generation: 1,
          reason: 'host-restarted',
        },
      )
      .thenOwed(1);
    given(...idleUnable, input())
      .when(hostClosing)
      .then('execution-disconnected')
      .thenFacts('input-settled', 'stop-owed');
    given(...respawning)
      .when(hostClosing)
      .then({ type: 'execution-disconnected', generation: 2, reason: 'host-restarted' })
      .thenOwed(1, 2);
  });

  it('nothing happens to one without an execution', () => {
    for (const steps of [[], placeholder, exited, stopped] as const)
      given(...steps)
        .when(hostClosing)
        .thenNothing();
    given(...reserved, hostClosing)
      .when(hostClosing)
      .thenNothing();
  });
});

describe('a Worker whose log is damaged', () => {
  it('W12: its operations are log-unavailable', () => {
    for (const command of [input(), answerText(), cancel(), reconnect(), stop()]) {
      given(...damaged)
        .when(command)
        .thenErrored('log-unavailable', 'no');
    }
  });

  it('W12: nothing is recorded of it', () => {
    for (const command of [recover({ newEpoch: true }), hostClosing, logRestored, faulted(), published(text())]) {
      given(...damaged)
        .when(command)
        .thenNothing();
    }
  });

  it('R5: the generations its head still names are to be stopped', () => {
    const owed = (...steps: readonly Step[]) => damagedHead(stateAfter(...steps)).stopsOwed;
    expect(damagedHead(stateAfter(...busy)).status).toEqual({ status: 'unconnected', reason: 'log-damaged' });
    expect(owed(...busy)).toEqual([1]);
    expect(owed(...respawning)).toEqual([1, 2]);
    expect(owed(...placeholder)).toEqual([]);
    expect(owed(...stopped)).toEqual([]);
    expect(owed(...stoppingBusy, faulted())).toEqual([1]);
    expect(owed(...closed)).toEqual([1]);
    expect(damagedHead(stateAfter(...reserved)).status).toMatchObject({ status: 'reserved' });
    given(...closed)
      .when(owedStopAnswered(Generation(1)))
      .then()
      .thenOwed();
  });
});

describe('a Worker whose log failed', () => {
  it('W19: the events that say so are the first once the log is back', () => {
    given(...asking)
      .when(logRestored)
      .then(
        { type: 'question-closed', end: 'interrupted' },
        { type: 'input-ended', end: 'interrupted' },
        { type: 'execution-disconnected', generation: 1, reason: 'closed' },
      )
      .thenOwed(1);
    const { decision } = given(...undecided).when(logRestored);
    expect(decision.facts[0]).toMatchObject({
      type: 'input-settled',
      as: 'unknown',
      refusal: { code: 'log-unavailable', executed: 'unknown' },
    });
  });

  it('W19: one without a generation has nothing to say', () => {
    for (const steps of [[], placeholder, exited, stopped] as const)
      given(...steps)
        .when(logRestored)
        .thenNothing();
  });
});
