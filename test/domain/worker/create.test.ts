import { describe, expect, it } from 'vitest';
import { settle } from '../../../src/domain/worker/settle.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  busy,
  correlation,
  create,
  createWithInput,
  disconnected,
  dispatched,
  faulted,
  faulty,
  g1,
  hostClosing,
  idle,
  input,
  inputA,
  inputB,
  logRestored,
  placeholder,
  published,
  recover,
  reserved,
  reservedWithInput,
  runEnded,
  said,
  spawnAnswered,
  spawned,
  text,
  unable,
  words,
} from '../../support/worker-steps.js';

const appeared = ['worker-created', 'execution-connected', 'input-accepted'] as const;

describe('create', () => {
  it('W5: a create reserves its generation privately before the spawn', () => {
    given()
      .when(create())
      .then()
      .thenFacts('worker-reserved', 'generation-reserved')
      .thenCalls({ type: 'spawn', generation: g1 })
      .thenPending({ for: 'create', inputId: undefined })
      .thenStatus({ status: 'reserved', generation: 1, connected: false });
  });

  it('W5: a create with a first input reserves the input with it', () => {
    given()
      .when(createWithInput())
      .then()
      .thenFacts('worker-reserved', 'generation-reserved', 'input-reserved')
      .thenCalls('spawn')
      .thenPending({ for: 'create', inputId: inputA });
  });

  it('W5: a create without input becomes visible when its spawn succeeded', () => {
    given(...reserved)
      .when(spawned())
      .then(
        { type: 'worker-created', profile: 'demo', displayName: undefined, inputId: undefined },
        {
          type: 'execution-connected',
          generation: 1,
        },
      )
      .thenStatus({ status: 'idle', generation: 1 })
      .thenCalls();
  });

  it('W5: the display name stands in worker-created', () => {
    given(create({ displayName: 'Ada' }))
      .when(spawned())
      .then({ type: 'worker-created', profile: 'demo', displayName: 'Ada' }, 'execution-connected');
  });

  it('W5: a create with a first input stays private between spawn and acceptance', () => {
    given(createWithInput())
      .when(spawned())
      .then()
      .thenStatus({ status: 'reserved', connected: true })
      .thenCalls({ type: 'dispatch', generation: g1, inputId: inputA, parts: words('hello') });
  });

  it('W5: an accepted first input makes created, connected and accepted one append', () => {
    given(...reservedWithInput)
      .when(dispatched())
      .then('worker-created', 'execution-connected', {
        type: 'input-accepted',
        parts: words('hello'),
        inputId: inputA,
      })
      .thenStatus({ status: 'busy', generation: 1, input: { phase: 'open', inputId: inputA } });
  });

  it.each([
    ['rejected', { outcome: 'rejected', code: 'backend-rejected' }, { outcome: 'rejected', code: 'backend-rejected' }],
    ['busy', { outcome: 'busy' }, { outcome: 'rejected', code: 'backend-unavailable' }],
    ['unsupported', { outcome: 'unsupported', operation: 'create' }, { outcome: 'unsupported', operation: 'create' }],
    ['faulty', faulty(), { outcome: 'errored', code: 'backend-fault', executed: 'no', correlationId: correlation }],
    [
      'late',
      faulty('backend-timeout'),
      { outcome: 'errored', code: 'backend-timeout', executed: 'no', correlationId: correlation },
    ],
  ] as const)('W5: a spawn answered %s fails the create and is stopped by name', (_, spawnAnswer, refusal) => {
    given(...reserved)
      .when(spawnAnswered(spawnAnswer))
      .then()
      .thenStatus({ status: 'failed', refusal })
      .thenOwed(1);
  });

  it.each([
    ['busy', { outcome: 'busy' }],
    ['rejected', { outcome: 'rejected', code: 'backend-rejected' }],
    ['errored', { outcome: 'errored', executed: 'no' }],
    ['unknown', { outcome: 'errored', code: 'backend-disconnected', executed: 'unknown' }],
    ['faulty', { outcome: 'errored', code: 'backend-fault', executed: 'unknown' }],
  ] as const)('W5: a first input answered %s fails the create and is stopped by name', (outcome, refusal) => {
    given(...reservedWithInput)
      .when(dispatched(outcome))
      .then()
      .thenStatus({ status: 'failed', refusal })
      .thenOwed(1);
  });

  it('W5: an execution lost before its create succeeded fails the create', () => {
    const lost = disconnected('connection-lost');
    given(...reserved)
      .when(lost)
      .then()
      .thenStatus({ status: 'failed', refusal: { outcome: 'rejected', code: 'backend-unavailable' } })
      .thenOwed(1);
    given(...reservedWithInput)
      .when(lost)
      .thenStatus({ status: 'failed', refusal: { code: 'backend-disconnected', executed: 'unknown' } })
      .thenOwed(1);
    given(...reserved)
      .when(disconnected('exited'))
      .thenStatus({ status: 'failed', refusal: { outcome: 'rejected', code: 'backend-unavailable' } })
      .thenOwed(1);
  });

  it('W16: a fault during a create fails it, as unknown once the input was handed over', () => {
    given(...reserved)
      .when(faulted())
      .thenStatus({ status: 'failed', refusal: { code: 'backend-fault', executed: 'no' } })
      .thenOwed(1);
    given(createWithInput())
      .when(faulted())
      .thenStatus({ status: 'failed', refusal: { code: 'backend-fault', executed: 'no' } });
    given(...reservedWithInput)
      .when(faulted())
      .thenStatus({
        status: 'failed',
        refusal: { code: 'backend-fault', executed: 'unknown', correlationId: correlation },
      })
      .thenOwed(1);
  });

  it.each([
    ['a restart', recover()],
    ['the end of its host', hostClosing],
    ['a failed append', logRestored],
  ] as const)('W5: a create that %s interrupts comes to nothing, unknown once its input was handed over', (_, cut) => {
    for (const steps of [reserved, [createWithInput()]] as const) {
      const { state } = given(...steps).when(cut);
      expect(state.status).toMatchObject({ status: 'failed' });
      expect(state.status).not.toMatchObject({ refusal: { executed: 'unknown' } });
      expect(state.stopsOwed).toEqual([1]);
    }
    given(...reservedWithInput)
      .when(cut)
      .then()
      .thenStatus({ status: 'failed', refusal: { outcome: 'errored', executed: 'unknown' } })
      .thenOwed(1);
  });

  it('W5: nothing of a failed create comes back after a restart', () => {
    given(...reserved, spawnAnswered({ outcome: 'busy' }))
      .when(recover({ newEpoch: true }))
      .thenNothing();
  });

  it('W5: what a failed create leaves answers nobody and takes no late answer', () => {
    const failed = [...reserved, spawnAnswered({ outcome: 'busy' })] as const;
    given(...failed)
      .when(spawned())
      .thenIgnored();
    given(...failed)
      .when(said())
      .thenRefused('stale-generation');
    given(...failed)
      .when(input())
      .thenRejected('worker-unknown');
  });

  it('W5: a profile without a backend makes a visible placeholder', () => {
    given()
      .when(create({ binding: null }))
      .then('worker-created')
      .thenCalls()
      .thenPending({ for: 'create' })
      .thenStatus({ status: 'unconnected', reason: 'no-backend' });
  });

  it('W5: a first input for a profile without a backend is worker-unconnected and creates nothing', () => {
    given()
      .when({ ...createWithInput(), binding: null })
      .thenRejected('worker-unconnected');
  });

  it('create of a known Worker answers worker-conflict', () => {
    for (const steps of [reserved, idle, placeholder])
      given(...steps)
        .when(create())
        .thenRejected('worker-conflict');
  });

  it('create while draining answers runtime-draining', () => {
    given().when(create(), { draining: true }).thenRejected('runtime-draining');
  });

  it('create with a blank first input answers input-invalid', () => {
    given().when(createWithInput(inputA, '  ')).thenRejected('input-invalid');
  });

  it('W5: nobody can reach a Worker that is still reserved, not even with the id of its input', () => {
    given(...reservedWithInput)
      .when(input(inputA))
      .thenRejected('worker-unknown');
    given(...reservedWithInput)
      .when(input(inputB))
      .thenRejected('worker-unknown');
  });
});

describe('events during a create', () => {
  it('W9: events published before the spawn is answered are held', () => {
    given(...reserved)
      .when(published(text()))
      .thenHeld();
    given(createWithInput()).when(said()).thenHeld();
  });

  it('W9: events that name no input are held until the first input is decided', () => {
    given(...reservedWithInput)
      .when(published(text()))
      .thenHeld();
    given(...reservedWithInput)
      .when(said(text(), inputB))
      .thenHeld();
  });

  it('W9: the first event that names the first input accepts it and keeps its place behind those held', () => {
    const verdict = given(...reservedWithInput)
      .when(said())
      .then(...appeared)
      .thenStatus({ status: 'busy' });
    expect(verdict.decision.held).toBe(true);
    given(...reservedWithInput, said())
      .when(said())
      .then({ type: 'text-delta', inputId: inputA });
  });

  it('W9: a run that ended before its dispatch was answered is created, accepted and ended', () => {
    given(...reservedWithInput, said())
      .when(said(runEnded()))
      .then({ type: 'input-ended', end: 'completed' })
      .thenStatus({ status: 'idle' });
  });

  it('W9: an answer that contradicts the acceptance of the first input fails it', () => {
    given(...reservedWithInput, said())
      .when(dispatched('busy'))
      .then({ type: 'input-ended', end: 'failed', code: 'backend-fault' })
      .thenStatus({ status: 'idle' });
    given(...reservedWithInput, said())
      .when(dispatched())
      .thenIgnored();
  });

  it('W15: events of another generation are refused while a Worker is created', () => {
    given(...reserved)
      .when(published(text(), 2 as typeof g1))
      .thenRefused('stale-generation');
  });
});

describe('who waits for a create', () => {
  it('W6: the caller is told after the acceptance is recorded, with its cursor', () => {
    const { before, decision } = given(...reservedWithInput).when(dispatched());
    const replies = decision.facts.map((_, index) => {
      const steps = [...reservedWithInput, ...decision.facts.slice(0, index + 1)];
      return settle(
        { for: 'create', inputId: inputA },
        decision.facts[index] ?? decision.facts[0]!,
        stateAfter(...steps),
      );
    });
    expect(before.sequence).toBe(0);
    expect(replies.filter(Boolean)).toEqual([
      { outcome: 'accepted', inputId: inputA, cursor: expect.stringMatching(/^wo_[0-9a-f]{8}_0{15}3$/) as string },
    ]);
  });

  it('W5: the caller of a create without input is told once it is visible', () => {
    const { decision, state } = given(...reserved).when(spawned(unable));
    const replies = decision.facts.map((fact) => settle({ for: 'create' }, fact, state));
    expect(replies.filter(Boolean)).toEqual([{ outcome: 'accepted' }]);
  });

  it('W5: the caller of a failed create gets the refusal', () => {
    const { decision, state } = given(...reserved).when(
      spawnAnswered({ outcome: 'rejected', code: 'backend-rejected' }),
    );
    const replies = decision.facts.map((fact) => settle({ for: 'create', inputId: inputA }, fact, state));
    expect(replies.filter(Boolean)).toEqual([{ outcome: 'rejected', code: 'backend-rejected' }]);
  });

  it('a Worker that was created keeps who made it, its key and its binding', () => {
    const key = { owner: 'ada', key: 'k', digest: 'd', expiresAt: 5 };
    const state = stateAfter(create({ creator: 'ada', key, displayName: 'Ada' }), spawned());
    expect(state).toMatchObject({
      profile: 'demo',
      displayName: 'Ada',
      creator: 'ada',
      key,
      binding: { backend: 'one' },
      generation: 1,
      execution: { generation: 1, codes: ['too-odd'], recoverState: { at: 'home' } },
    });
    expect(stateAfter(...busy).sequence).toBe(3);
  });
});
