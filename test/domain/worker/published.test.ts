import { describe, expect, it } from 'vitest';
import { authorOf } from '../../../src/domain/observation/event.js';
import type { BackendContentEvent } from '../../../src/domain/observation/event.js';
import type { Step } from '../../support/decider-spec.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  asked,
  asking,
  busy,
  cancel,
  closed,
  damaged,
  dispatched,
  exited,
  g1,
  g2,
  idle,
  inputA,
  inputB,
  placeholder,
  published,
  reconnecting,
  recovering,
  runEnded,
  said,
  stopAnswered,
  stopped,
  stoppingBusy,
  stoppingIdle,
  stoppingUndecided,
  text,
  undecided,
  unable,
  create,
  spawned,
} from '../../support/worker-steps.js';

const activities: readonly BackendContentEvent[] = [
  { type: 'activity-started', activityId: 'a', title: 'Tidies up' },
  { type: 'activity-ended', activityId: 'a' },
];

const contents: readonly BackendContentEvent[] = [
  { type: 'text-delta', messageId: 'm', text: 'a' },
  { type: 'text-completed', messageId: 'm', text: 'a' },
  { type: 'reasoning-delta', messageId: 'm', text: 'a' },
  { type: 'reasoning-completed', messageId: 'm', text: 'a' },
  { type: 'output', stream: 'stdout', text: 'a' },
  { type: 'tool-call-started', toolCallId: 't', name: 'n', input: { a: [1] } },
  { type: 'tool-call-updated', toolCallId: 't', diffs: [{ file: 'p', before: 'a', after: 'b' }] },
  { type: 'tool-call-ended', toolCallId: 't', isError: false, output: null },
  { type: 'plan-updated', planId: 'p', steps: [{ text: 'a', status: 'pending' }] },
  { type: 'usage', inputTokens: 1 },
  { type: 'notice', level: 'info', text: 'a' },
];

describe('a published event', () => {
  it.each(contents)('W2: $type is recorded as the backend said it', (content) => {
    const { state, before } = given(...busy)
      .when(said(content))
      .then({ ...content, inputId: inputA })
      .thenCalls();
    expect(state.status).toEqual(before.status);
    expect(authorOf[content.type]).toBe('backend');
  });

  it('it is recorded at the time of its decision, in UTC with milliseconds', () => {
    const { decision } = given(...busy).when(said(), { now: 1_700_000_000_001 });
    expect(decision.facts).toMatchObject([{ at: '2023-11-14T22:13:20.001Z' }]);
  });

  it('O5: an event that no input caused is recorded without inputId and changes no status', () => {
    for (const steps of [idle, undecided, busy, stoppingBusy, stoppingUndecided]) {
      const { state, before } = given(...steps)
        .when(published(text()))
        .then({ type: 'text-delta', inputId: undefined });
      expect(state.status).toEqual(before.status);
    }
  });

  it.each(activities)('O5: $type is of no run, and refused where it names one', (activity) => {
    for (const steps of [idle, busy]) {
      const { state, before } = given(...steps)
        .when(published(activity))
        .then({ ...activity, inputId: undefined });
      expect(state.status).toEqual(before.status);
    }
    given(...busy)
      .when(said(activity))
      .thenRefused('event-invalid');
  });

  it('O5: a run that no input caused refuses no input', () => {
    given(...idle, published(text()))
      .when({ type: 'input', inputId: inputA, digest: 'd', parts: [{ type: 'text', text: 'x' }] })
      .thenCalls('dispatch');
  });

  it('W10: free text moves no status, whatever it says', () => {
    const { state, before } = given(...busy).when(said(text('The run has ended. Status: idle.')));
    expect(state.status).toEqual(before.status);
  });

  it('P1: an event that names an input neither open nor undecided is refused as no-open-run', () => {
    for (const steps of [idle, [...busy, said(runEnded())] as const]) {
      given(...steps)
        .when(said())
        .thenRefused('no-open-run');
    }
    for (const steps of [undecided, busy, stoppingBusy]) {
      given(...steps)
        .when(said(text(), inputB))
        .thenRefused('no-open-run');
      given(...steps)
        .when(said(runEnded(), inputB))
        .thenRefused('no-open-run');
    }
  });

  it('W9: the first event that names an undecided input accepts it before itself', () => {
    given(...undecided)
      .when(said())
      .then({ type: 'input-accepted', inputId: inputA }, { type: 'text-delta', inputId: inputA })
      .thenStatus({ status: 'busy', input: { phase: 'open', inputId: inputA } })
      .thenCalls();
  });

  it('W9: a run that ends before its dispatch is answered is accepted and ended', () => {
    given(...undecided)
      .when(said(runEnded('refused')))
      .then('input-accepted', { type: 'input-ended', end: 'refused' })
      .thenStatus({ status: 'idle' });
    given(...undecided)
      .when(said(asked()))
      .then('input-accepted', 'question-asked');
  });

  it('W9: an event that breaks a rule accepts nothing', () => {
    given(...undecided)
      .when(said({ type: 'question-withdrawn', questionId: 'q' as never, cause: 'expired' }))
      .thenRefused('event-invalid');
  });

  it.each(['busy', 'rejected', 'errored', 'unsupported'] as const)(
    'W9: the answer %s after an event accepted the input is a fault of the backend',
    (outcome) => {
      given(...undecided, said(asked()))
        .when(dispatched(outcome))
        .then(
          { type: 'question-closed', end: 'interrupted', inputId: inputA },
          { type: 'input-ended', end: 'failed', code: 'backend-fault', inputId: inputA },
        )
        .thenStatus({ status: 'idle' })
        .thenOwed();
    },
  );

  it('W9: the answers accepted and unknown after an event accepted the input change nothing', () => {
    given(...undecided, said())
      .when(dispatched())
      .thenIgnored();
    given(...undecided, said())
      .when(dispatched('unknown'))
      .thenIgnored();
  });

  it('W9: events of a generation that connects are held', () => {
    given(...reconnecting)
      .when(published(text(), g2))
      .thenHeld();
    given(...recovering)
      .when(said(text(), inputA, g2))
      .thenHeld();
  });

  it('W15: events of another generation are refused', () => {
    for (const steps of [idle, undecided, busy, stoppingBusy] as const) {
      given(...steps)
        .when(published(text(), g2))
        .thenRefused('stale-generation');
    }
    for (const steps of [reconnecting, recovering, placeholder, exited, closed, damaged] as const) {
      given(...steps)
        .when(published(text(), g1))
        .thenRefused('stale-generation');
    }
  });

  it('W14: an event after worker-stopped is refused', () => {
    given(...stopped)
      .when(published(text()))
      .thenRefused('worker-stopped');
    given(...stopped)
      .when(published(text(), g2))
      .thenRefused('worker-stopped');
  });

  it('W13: while stopping events are taken until the input has ended', () => {
    given(...stoppingBusy)
      .when(said())
      .then('text-delta');
    given(...stoppingUndecided)
      .when(said())
      .then('input-accepted', 'text-delta')
      .thenCalls()
      .thenStatus({ status: 'stopping', input: { phase: 'open' } });
    given(...stoppingBusy)
      .when(said(runEnded()))
      .then({ type: 'input-ended', end: 'completed' })
      .thenStatus({ status: 'stopping', input: undefined });
    given(...stoppingBusy, said(runEnded()))
      .when(published(text()))
      .thenRefused('worker-stopped');
    given(...stoppingIdle)
      .when(published(text()))
      .thenRefused('worker-stopped');
    given(...stoppingIdle, stopAnswered())
      .when(published(text()))
      .thenRefused('worker-stopped');
  });
});

describe('the end of a run', () => {
  it.each(['completed', 'cancelled', 'refused', 'failed'] as const)(
    'O4: run-ended %s is recorded as input-ended',
    (end) => {
      given(...busy)
        .when(said(runEnded(end)))
        .then({ type: 'input-ended', end, code: undefined, backendCode: undefined, inputId: inputA })
        .thenStatus({ status: 'idle', input: undefined });
    },
  );

  it('O4: nothing with the id of an ended input follows', () => {
    given(...busy, said(runEnded()))
      .when(said(runEnded()))
      .thenRefused('no-open-run');
  });

  it('O4: a run-ended that names no input is refused', () => {
    given(...busy)
      .when(published(runEnded()))
      .thenRefused('event-invalid');
    given(...idle)
      .when(published(runEnded()))
      .thenRefused('event-invalid');
  });

  it('B5: a declared code of a backend stands beside ours, another is not told', () => {
    given(...busy)
      .when(said(runEnded('failed', 'too-odd')))
      .then({ type: 'input-ended', end: 'failed', backendCode: 'too-odd', code: undefined });
    given(...busy)
      .when(said(runEnded('failed', '/etc/passwd')))
      .then({ type: 'input-ended', end: 'failed', backendCode: undefined, code: undefined });
  });

  it('O6: open questions close interrupted before their input ends', () => {
    given(...asking)
      .when(said(runEnded()))
      .then(
        { type: 'question-closed', questionId: 'q-1', end: 'interrupted', inputId: inputA },
        { type: 'input-ended', inputId: inputA },
      );
  });

  it('a failed, refused or interrupted run is the last failure, with its own code first', () => {
    const failure = (...steps: readonly Step[]) => stateAfter(...steps).lastFailure;
    expect(failure(...busy, said(runEnded('failed')))).toMatchObject({ code: 'run-failed' });
    expect(failure(...busy, said(runEnded('refused', 'too-odd')))).toMatchObject({
      code: 'run-refused',
      backendCode: 'too-odd',
    });
    expect(failure(...undecided, said(), dispatched('busy'))).toMatchObject({
      code: 'backend-fault',
      correlationId: expect.any(String) as string,
    });
    expect(failure(...busy, said(runEnded('completed')))).toBeUndefined();
    expect(failure(...busy, said(runEnded('cancelled')))).toBeUndefined();
    expect(failure(...exited)).toMatchObject({ code: 'exited', correlationId: expect.any(String) as string });
  });

  it('W11: a cancel that waited goes to the backend with the event that accepts its input', () => {
    given(...undecided, cancel())
      .when(said())
      .then('input-accepted', 'text-delta')
      .thenCalls({ type: 'cancel', generation: g1, inputId: inputA, deadlineMs: 10_000 });
    given(...undecided, cancel())
      .when(said(runEnded()))
      .then('input-accepted', 'input-ended')
      .thenCalls();
    given(create(), spawned({ ...unable, cancel: false }))
      .when(cancel())
      .thenUnsupported('cancel');
  });
});
