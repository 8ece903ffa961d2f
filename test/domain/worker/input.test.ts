import { describe, expect, it } from 'vitest';
import { formatCursor } from '../../../src/domain/observation/cursor.js';
import { Epoch } from '../../../src/domain/observation/cursor.js';
import { Sequence } from '../../../src/domain/ids.js';
import type { LedgerEntry } from '../../../src/domain/worker/ledger.js';
import { ledgerEntry } from '../../../src/domain/worker/settle.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  asking,
  busy,
  closed,
  correlation,
  disconnected,
  dispatched,
  exited,
  g1,
  idle,
  input,
  inputA,
  inputB,
  inputDecided,
  lost,
  placeholder,
  reconnecting,
  recoveringOpen,
  recoveringUndecided,
  runEnded,
  said,
  stopped,
  stoppingBusy,
  stoppingUndecided,
  undecided,
  words,
} from '../../support/worker-steps.js';

const digest = 'digest of hello';
const cursor = formatCursor(Epoch('0000002a'), Sequence(7));
const inputLost = [...undecided, dispatched('unknown')] as const;

describe('input', () => {
  it.each([
    ['no backend', placeholder, 'worker-unconnected'],
    ['an exited execution', exited, 'worker-unconnected'],
    ['a lost connection', lost, 'worker-unconnected'],
    ['a closed generation', closed, 'worker-unconnected'],
    ['a reconnect under way', reconnecting, 'worker-connecting'],
    ['a recovery under way', recoveringOpen, 'worker-connecting'],
    ['an undecided input in recovery', recoveringUndecided, 'worker-connecting'],
    ['a stop under way', stoppingBusy, 'worker-stopping'],
    ['its end', stopped, 'worker-stopped'],
  ] as const)('W1: input to a Worker with %s leaves no trace', (_, steps, code) => {
    given(...steps)
      .when(input(inputB))
      .thenRejected(code);
  });

  it('W8: an input is reserved with its digest before it is dispatched', () => {
    given(...idle)
      .when(input())
      .then()
      .thenFacts('input-reserved')
      .thenCalls({ type: 'dispatch', generation: g1, inputId: inputA, parts: words('hello') })
      .thenPending({ for: 'input', inputId: inputA })
      .thenStatus({ status: 'idle', input: { phase: 'undecided', inputId: inputA, digest } });
  });

  it('W6: an accepted input is recorded with its parts', () => {
    given(...undecided)
      .when(dispatched())
      .then({ type: 'input-accepted', parts: words('hello'), inputId: inputA })
      .thenCalls()
      .thenStatus({ status: 'busy', input: { phase: 'open', inputId: inputA } });
  });

  it.each(['busy', 'rejected', 'errored', 'unsupported'] as const)(
    'W6: an input that its backend answers %s leaves the Worker as it was',
    (outcome) => {
      const { state, before } = given(...undecided)
        .when(dispatched(outcome))
        .then()
        .thenFacts('input-settled')
        .thenCalls();
      expect(state).toEqual(stateAfter(...idle));
      expect(before.sequence).toBe(state.sequence);
    },
  );

  it('W7: a second input while one is open answers busy with its id', () => {
    given(...busy)
      .when(input(inputB))
      .thenBusy(inputA);
  });

  it('W7: a second input while one is undecided answers busy with its id', () => {
    given(...undecided)
      .when(input(inputB))
      .thenBusy(inputA);
    given(...inputLost)
      .when(input(inputB))
      .thenBusy(inputA);
  });

  it('input without a part that is not blank answers input-invalid', () => {
    given(...idle)
      .when(input(inputA, ' \n\t'))
      .thenRejected('input-invalid');
    given(...idle)
      .when({ ...input(), parts: [] })
      .thenRejected('input-invalid');
    given(...idle)
      .when({ ...input(), parts: [{ type: 'blob', mediaType: 'image/png', data: '' }] })
      .thenCalls('dispatch');
    given(...idle)
      .when({ ...input(), parts: [...words(' '), ...words('x')] })
      .thenCalls('dispatch');
  });

  it('input while draining answers runtime-draining, a known one its first answer', () => {
    given(...idle)
      .when(input(), { draining: true })
      .thenRejected('runtime-draining');
    given(...busy)
      .when(input(), { draining: true })
      .thenAccepted({ inputId: inputA });
  });

  it('W8: the same input waits while it is undecided', () => {
    for (const steps of [undecided, inputLost, stoppingUndecided, recoveringUndecided]) {
      given(...steps)
        .when(input())
        .thenPending({ for: 'input', inputId: inputA })
        .thenNothing();
    }
  });

  it('W8: the same input gets the first accepted again while it runs', () => {
    for (const steps of [busy, stoppingBusy, recoveringOpen, asking]) {
      const { decision } = given(...steps)
        .when(input())
        .thenAccepted({ inputId: inputA });
      expect(decision.reply).toMatchObject({ cursor: expect.stringMatching(/_0{15}3$/) as string });
    }
  });

  it.each([
    ['idle', idle],
    ['unconnected', lost],
    ['stopped', stopped],
    ['connecting', reconnecting],
  ] as const)('W8: the ledger answers a former input of a Worker that is %s', (_, steps) => {
    const ledger = (state: 'accepted' | 'unknown' | 'undecided'): LedgerEntry =>
      state === 'accepted' ? { inputId: inputB, digest, state, cursor } : { inputId: inputB, digest, state };
    const again = input(inputB);
    given(...steps)
      .when(again, { ledger: ledger('accepted') })
      .thenAccepted({ inputId: inputB, cursor });
    given(...steps)
      .when(again, { ledger: ledger('unknown') })
      .thenErrored('backend-disconnected', 'unknown');
    given(...steps)
      .when(again, { ledger: ledger('undecided') })
      .thenErrored('backend-disconnected', 'unknown');
  });

  it('W8: the ledger is asked before W7', () => {
    given(...busy)
      .when(input(inputB), { ledger: { inputId: inputB, digest, state: 'accepted', cursor } })
      .thenAccepted({ inputId: inputB, cursor });
  });

  it('W8: the same id with other content answers input-conflict in every state of the input', () => {
    const other = input(inputA, 'something else');
    for (const steps of [undecided, busy, stoppingBusy])
      given(...steps)
        .when(other)
        .thenRejected('input-conflict');
    for (const state of ['unknown', 'undecided'] as const) {
      given(...idle)
        .when(other, { ledger: { inputId: inputA, digest, state } })
        .thenRejected('input-conflict');
    }
    given(...stopped)
      .when(other, { ledger: { inputId: inputA, digest, state: 'accepted', cursor } })
      .thenRejected('input-conflict');
  });

  it('W8: a refused id is free again, with any content', () => {
    given(...undecided, dispatched('busy'))
      .when(input(inputA, 'something else'), { ledger: { inputId: inputA, digest, state: 'refused' } })
      .thenCalls('dispatch');
  });
});

describe('what decides an input', () => {
  it('W8: an answer that was lost leaves the input undecided', () => {
    given(...undecided)
      .when(dispatched('unknown'))
      .then()
      .thenFacts('dispatch-lost')
      .thenStatus({ status: 'idle', input: { phase: 'undecided', inputId: inputA } });
  });

  it('W8: after a resumption the backend says that it took the input', () => {
    given(...inputLost)
      .when(inputDecided(true))
      .then({ type: 'input-accepted', inputId: inputA })
      .thenStatus({ status: 'busy' });
  });

  it('W8: after a resumption the backend says that it did not take the input, whose id is free again', () => {
    given(...inputLost)
      .when(inputDecided(false))
      .then()
      .thenFacts('input-settled')
      .thenStatus({ status: 'idle', input: undefined });
  });

  it('W8: a backend that takes an input back before its dispatch is answered has its generation closed', () => {
    given(...undecided)
      .when(inputDecided(false))
      .then({ type: 'execution-disconnected', reason: 'closed' })
      .thenFacts('input-settled')
      .thenStatus({ status: 'unconnected', reason: 'closed' })
      .thenOwed(1);
  });

  it('W9: a decision that contradicts the acceptance fails the input', () => {
    given(...busy)
      .when(inputDecided(false))
      .then({ type: 'input-ended', end: 'failed', code: 'backend-fault', inputId: inputA });
    given(...busy)
      .when(inputDecided(true))
      .thenIgnored();
  });

  it('W15: a decision or an answer about another input or generation is ignored', () => {
    given(...undecided)
      .when(inputDecided(true, inputB))
      .thenIgnored();
    given(...undecided)
      .when(inputDecided(true, inputA, 2 as typeof g1))
      .thenIgnored();
    given(...undecided)
      .when(dispatched('accepted', inputB))
      .thenIgnored();
    given(...undecided)
      .when(dispatched('accepted', inputA, 2 as typeof g1))
      .thenIgnored();
    given(...idle)
      .when(dispatched())
      .thenIgnored();
    given(...recoveringUndecided)
      .when(dispatched())
      .thenIgnored();
  });

  it('W8: the end of the generation makes an undecided input unknown for good', () => {
    const { decision, before, state } = given(...undecided)
      .when(disconnected())
      .then('execution-disconnected')
      .thenStatus({ status: 'unconnected', reason: 'exited' });
    const settled = decision.facts.find(({ type }) => type === 'input-settled');
    expect(settled).toMatchObject({
      inputId: inputA,
      as: 'unknown',
      refusal: { outcome: 'errored', code: 'backend-disconnected', executed: 'unknown', correlationId: correlation },
    });
    expect(settled && ledgerEntry(settled, before, state)).toEqual({ inputId: inputA, digest, state: 'unknown' });
  });

  it.each(['backend-fault', 'backend-timeout'] as const)(
    'W8: a dispatch that fails as %s closes the generation',
    (code) => {
      const { decision } = given(...undecided)
        .when(dispatched({ outcome: 'faulty', code, correlationId: correlation }))
        .then({ type: 'execution-disconnected', reason: 'closed', correlationId: correlation })
        .thenOwed(1);
      expect(decision.facts[0]).toMatchObject({ as: 'unknown', refusal: { code, executed: 'unknown' } });
    },
  );

  it('W8: a fault in the answer to an input that an event accepted closes the generation', () => {
    given(...undecided, said())
      .when(dispatched('faulty'))
      .then(
        { type: 'input-ended', end: 'interrupted', code: 'backend-fault', correlationId: correlation },
        { type: 'execution-disconnected', reason: 'closed' },
      )
      .thenOwed(1);
  });

  it('W9: an answer that comes after the input ended is only counted', () => {
    for (const outcome of ['accepted', 'busy', 'rejected', 'unknown', 'faulty'] as const) {
      given(...undecided, said(runEnded()))
        .when(dispatched(outcome))
        .thenIgnored();
    }
  });
});
