import { describe, expect, it } from 'vitest';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  adopted,
  answerText,
  busy,
  cancel,
  damaged,
  deadlinePassed,
  disconnected,
  dispatched,
  faulted,
  g2,
  hostClosing,
  idle,
  input,
  inputB,
  inputDecided,
  lost,
  placeholder,
  published,
  reconnect,
  reconnecting,
  recover,
  recoveringOpen,
  remove,
  reserved,
  said,
  spawned,
  stopAnswered,
  stopped,
  stoppingBusy,
  text,
  logRestored,
  owedStopAnswered,
  respawning,
  stop,
} from '../../support/worker-steps.js';

describe('a stopped Worker', () => {
  it.each([
    ['an input', input(inputB)],
    ['a late answer to a spawn', spawned()],
    ['a late adoption', adopted()],
    ['a late acceptance', dispatched()],
    ['a late event', said()],
    ['a late loss', disconnected()],
    ['a late fault', faulted()],
    ['a restart', recover()],
    ['a reconnect', reconnect()],
    ['a cancel', cancel()],
    ['an answer', answerText()],
    ['a deadline', deadlinePassed],
    ['a failed append', logRestored],
    ['the end of its host', hostClosing],
    ['a decision', inputDecided(true)],
    ['an event of the next generation', published(text(), g2)],
  ] as const)('W14: it is not woken by %s', (_, command) => {
    const steps = [...stoppingBusy, stopAnswered()] as const;
    const { state } = given(...steps)
      .when(command)
      .thenNothing();
    expect(state).toEqual(stateAfter(...steps));
  });

  it('R5: the stops that are owed are told until they are answered', () => {
    const steps = [...stoppingBusy, stopAnswered('failed')] as const;
    given(...steps)
      .when(owedStopAnswered())
      .then()
      .thenOwed()
      .thenStatus({ status: 'stopped' });
    given(...steps)
      .when(owedStopAnswered(g2))
      .thenIgnored();
    given(...respawning, stop())
      .when(owedStopAnswered(g2))
      .thenOwed(1);
  });
});

describe('delete', () => {
  it('W13: it removes the log of a stopped Worker', () => {
    given(...stopped)
      .when(remove)
      .then()
      .thenCalls('remove')
      .thenPending({ for: 'delete' });
  });

  it('W13: a live Worker answers worker-not-stopped', () => {
    for (const steps of [idle, busy, placeholder, lost, reconnecting, recoveringOpen, stoppingBusy]) {
      given(...steps)
        .when(remove)
        .thenRejected('worker-not-stopped');
    }
  });

  it('W12: a Worker whose log is damaged can be deleted', () => {
    given(...damaged)
      .when(remove)
      .thenCalls('remove');
  });

  it('a Worker that nobody can see answers worker-unknown', () => {
    given().when(remove).thenRejected('worker-unknown');
    given(...reserved)
      .when(remove)
      .thenRejected('worker-unknown');
  });
});
