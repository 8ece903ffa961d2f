import { describe, expect, it } from 'vitest';
import { ledgerEntry, settle } from '../../../src/domain/worker/settle.js';
import { evolve } from '../../../src/domain/worker/evolve.js';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import type { Step } from '../../support/decider-spec.js';
import { given } from '../../support/decider-spec.js';
import {
  adopted,
  answered,
  asking,
  busy,
  correlation,
  dispatched,
  idle,
  input,
  inputA,
  inputB,
  inputDecided,
  published,
  recoveringUndecided,
  runEnded,
  said,
  text,
  undecided,
} from '../../support/worker-steps.js';

const digest = 'digest of hello';
const inputLost = [...undecided, dispatched('unknown')] as const;

describe('the ledger', () => {
  const entries = (before: readonly Step[], command: WorkerCommand) => {
    const verdict = given(...before).when(command);
    let state = verdict.before;
    return verdict.decision.facts.flatMap((fact) => {
      const next = evolve(state, fact);
      const entry = ledgerEntry(fact, state, next);
      state = next;
      return entry ?? [];
    });
  };

  it('W8: it follows an input from its reservation to its acceptance', () => {
    expect(entries([...idle], input())).toEqual([{ inputId: inputA, digest, state: 'undecided' }]);
    expect(entries([...undecided], dispatched())).toEqual([
      { inputId: inputA, digest, state: 'accepted', cursor: expect.stringMatching(/_0{15}3$/) as string },
    ]);
  });

  it('W8: it remembers that an id is free again', () => {
    expect(entries([...undecided], dispatched('busy'))).toEqual([{ inputId: inputA, digest, state: 'refused' }]);
    expect(entries([...recoveringUndecided], adopted(false))).toEqual([{ inputId: inputA, digest, state: 'refused' }]);
  });

  it('nothing else changes it', () => {
    expect(entries([...busy], said())).toEqual([]);
    expect(entries([...asking], answered())).toEqual([]);
    expect(entries([...busy], said(runEnded()))).toEqual([]);
    expect(entries([...idle], published(text()))).toEqual([]);
  });
});

describe('who waits for an input', () => {
  const waiting = { for: 'input', inputId: inputA } as const;
  const repliesTo = (steps: readonly Step[], command: WorkerCommand) => {
    const { decision, state } = given(...steps).when(command);
    return decision.facts.flatMap((fact) => settle(waiting, fact, state) ?? []);
  };

  it('W6: the caller is told the cursor of the acceptance', () => {
    expect(repliesTo([...undecided], dispatched())).toEqual([
      { outcome: 'accepted', inputId: inputA, cursor: expect.stringMatching(/_0{15}3$/) as string },
    ]);
  });

  it('W6: the caller of a refused input is told the refusal', () => {
    expect(repliesTo([...undecided], dispatched('busy'))).toEqual([{ outcome: 'busy' }]);
    expect(repliesTo([...inputLost], inputDecided(false))).toMatchObject([{ outcome: 'errored', executed: 'no' }]);
  });

  it('W8: the caller whose answer was lost is told that it may have run', () => {
    expect(repliesTo([...undecided], dispatched('unknown'))).toEqual([
      { outcome: 'errored', code: 'backend-disconnected', executed: 'unknown', correlationId: correlation },
    ]);
  });

  it('nobody is told of the input of another', () => {
    const other = { for: 'input', inputId: inputB } as const;
    for (const command of [dispatched(), dispatched('busy'), dispatched('unknown')]) {
      const { decision, state } = given(...undecided).when(command);
      expect(decision.facts.flatMap((fact) => settle(other, fact, state) ?? [])).toEqual([]);
    }
  });
});
