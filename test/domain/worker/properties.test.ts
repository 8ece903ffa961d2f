import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/worker/decide.js';
import type { Decision } from '../../../src/domain/worker/decision.js';
import type { Fact } from '../../../src/domain/worker/fact.js';
import { actions, births } from '../../support/worker-actions.js';
import { WorkerModel } from '../../support/worker-model.js';

type Decider = typeof decide;
/** `WORKPORT_SEED` and `WORKPORT_RUNS` replay a failure or look further. */
const runs = Number(process.env['WORKPORT_RUNS'] ?? 1_000);
const seed = Number(process.env['WORKPORT_SEED'] ?? 20_240_601);

/** Any interleaving of commands, answers, events, losses, deadlines, failed appends and restarts. */
const everyPrefixKeepsTheRules = (decider: Decider, seen = new Set<string>()) =>
  fc.property(births, fc.nat(3), fc.noBias(actions), (birth, slow, script) => {
    const model = new WorkerModel(decider);
    model.send(birth);
    if (slow > 0) model.pump();
    for (const { run } of script) run(model);
    model.end();
    model.seen.forEach((one) => seen.add(one));
  });

describe('a Worker through any interleaving', () => {
  const seen = new Set<string>();

  it(
    'O1–O7, W1, W2, W5–W15, W17–W19, P1, R5: every prefix of its log keeps the rules',
    () => {
      fc.assert(everyPrefixKeepsTheRules(decide, seen), { numRuns: runs, seed });
    },
    Math.max(60_000, 60 * runs),
  );

  it('the interleavings reach every status and every fact', () => {
    const statuses = ['reserved', 'failed', 'connecting', 'unconnected', 'idle', 'busy', 'stopping', 'stopped'];
    const facts: readonly Fact['type'][] = [
      'observed',
      'worker-reserved',
      'create-failed',
      'bound',
      'epoch-started',
      'generation-reserved',
      'execution-described',
      'connect-failed',
      'execution-gone',
      'input-reserved',
      'dispatch-lost',
      'input-settled',
      'cancel-requested',
      'cancel-escalated',
      'answer-reserved',
      'answer-released',
      'stop-requested',
      'stop-ended',
      'stop-owed',
      'stop-settled',
      'position',
    ];
    expect([...statuses, ...facts].filter((one) => !seen.has(one))).toEqual([]);
  });
});

/** A decider whose decisions are changed. */
const bent =
  (change: (decision: Decision, ...given: Parameters<Decider>) => Decision): Decider =>
  (...given) =>
    change(decide(...given), ...given);
const without = (drops: (fact: Fact) => boolean): Decider =>
  bent((decision) => ({ ...decision, facts: decision.facts.filter((fact) => !drops(fact)) }));
const withoutEvent = (type: string): Decider => without((fact) => fact.type === 'observed' && fact.event.type === type);

describe('the judgement itself', () => {
  it.each<readonly [string, Decider, RegExp]>([
    ['forgets the end of an input', withoutEvent('input-ended'), /O4|O5|W10/],
    ['forgets to close a question', withoutEvent('question-closed'), /O6/],
    ['forgets an acceptance', withoutEvent('input-accepted'), /O3|W18/],
    ['forgets the stop of what it gave up', without(({ type }) => type === 'stop-owed'), /R5/],
    ['forgets who waits for a reconnect', without(({ type }) => type === 'connect-failed'), /W18/],
    ['forgets who waits for an input', without(({ type }) => type === 'input-settled'), /W8|W18/],
    [
      'records an event that is to be held',
      bent((decision, _, command) =>
        decision.held && command.type === 'published'
          ? decide({ ...liveAs(command.generation) }, command, { now: 0, draining: false, newId: () => '' })
          : decision,
      ),
      /O2|O3|O1/,
    ],
    [
      'dispatches beside another input',
      bent((decision, _, command) =>
        decision.reply?.outcome === 'busy' && command.type === 'input'
          ? { ...decision, calls: [{ ...command, type: 'dispatch', generation: 1 as never }] }
          : decision,
      ),
      /W6|W7/,
    ],
    [
      'dispatches again what is undecided',
      bent((decision, _, command) =>
        decision.reply?.outcome === 'pending' && command.type === 'input' && decision.facts.length === 0
          ? { ...decision, calls: [{ ...command, type: 'dispatch', generation: 1 as never }] }
          : decision,
      ),
      /W8|W1/,
    ],
  ])('a decider that %s is caught', (_, decider, rule) => {
    const { failed, error } = caught(decider);
    expect(failed).toBe(true);
    expect(error).toMatch(rule);
  });
});

function caught(decider: Decider): { readonly failed: boolean; readonly error: string } {
  const { failed, errorInstance } = fc.check(everyPrefixKeepsTheRules(decider), {
    numRuns: runs,
    seed,
    endOnFailure: true,
  });
  return { failed, error: String(errorInstance) };
}

function liveAs(generation: number) {
  return {
    workerId: '' as never,
    revision: 0,
    status: { status: 'idle', generation: generation as never },
    sequence: 0 as never,
    epochs: [],
    profile: '',
    binding: null,
    createdAt: '',
    updatedAt: '',
    generation,
    questions: [],
    stopsOwed: [],
  } as const;
}
