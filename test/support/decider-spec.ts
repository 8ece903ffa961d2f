import { expect } from 'vitest';
import type { PublishRefusalCode, RejectedCode } from '../../src/domain/codes.js';
import type { InputId } from '../../src/domain/ids.js';
import { WorkerId } from '../../src/domain/ids.js';
import type { ObservedEvent } from '../../src/domain/observation/event.js';
import type { Errored, Operation } from '../../src/domain/outcome.js';
import type { WorkerCommand } from '../../src/domain/worker/command.js';
import type { AcceptedFields, Call, Circumstances, Decision, Waiting } from '../../src/domain/worker/decision.js';
import { decide } from '../../src/domain/worker/decide.js';
import { evolve } from '../../src/domain/worker/evolve.js';
import type { Fact } from '../../src/domain/worker/fact.js';
import type { Status, WorkerState } from '../../src/domain/worker/state.js';
import { initialState } from '../../src/domain/worker/state.js';

export type Step = Fact | WorkerCommand;
/** An event by its type, or by the fields that matter; `undefined` says that a field is absent. */
export type ExpectedEvent =
  | ObservedEvent['type']
  | ({ readonly type: ObservedEvent['type']; readonly inputId?: InputId | undefined } & Readonly<
      Record<string, unknown>
    >);

export const workerId = WorkerId('018f0000-0000-7000-8000-000000000001');
/** When every test takes place. */
export const now = 1_700_000_000_000;

const factTypes: Readonly<Record<Fact['type'], true>> = {
  observed: true,
  'worker-reserved': true,
  'create-failed': true,
  bound: true,
  'epoch-started': true,
  'generation-reserved': true,
  'execution-described': true,
  'connect-failed': true,
  'execution-gone': true,
  'input-reserved': true,
  'dispatch-lost': true,
  'input-settled': true,
  'cancel-requested': true,
  'cancel-escalated': true,
  'answer-reserved': true,
  'answer-released': true,
  'stop-requested': true,
  'stop-ended': true,
  'stop-owed': true,
  'stop-settled': true,
  position: true,
};
const isFact = (step: Step): step is Fact => step.type in factTypes;

export function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  let minted = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String((minted += 1)).padStart(12, '0')}`;
  return { now, draining: false, newId, ...changes };
}

export const fold = (state: WorkerState, facts: readonly Fact[]): WorkerState => facts.reduce(evolve, state);

/** The state after facts that happened and commands that were decided. */
export const stateAfter = (...steps: readonly Step[]): WorkerState =>
  steps.reduce<WorkerState>(
    (state, step) => (isFact(step) ? evolve(state, step) : fold(state, decide(state, step, circumstances()).facts)),
    initialState(workerId),
  );

/** What was decided, and what became of the Worker; each `then…` is one claim about it. */
export interface Verdict {
  readonly decision: Decision;
  readonly before: WorkerState;
  readonly state: WorkerState;
  /** Exactly these events are recorded, in this order. */
  then(...events: readonly ExpectedEvent[]): Verdict;
  /** Facts of these types are among what is recorded, in this order. */
  thenFacts(...types: readonly Fact['type'][]): Verdict;
  thenStatus(status: { readonly status: Status['status'] } & Readonly<Record<string, unknown>>): Verdict;
  /** Exactly these calls are made. */
  thenCalls(...calls: readonly (Call['type'] | Call)[]): Verdict;
  thenAccepted(fields?: AcceptedFields): Verdict;
  thenBusy(inputId: InputId): Verdict;
  thenRejected(code: RejectedCode): Verdict;
  thenUnsupported(operation: Operation): Verdict;
  thenErrored(code: Errored['code'], executed: Errored['executed']): Verdict;
  thenPending(waiting: Waiting): Verdict;
  /** Nothing is recorded, nothing is called. */
  thenNothing(): Verdict;
  /** It changes nothing and is counted. */
  thenIgnored(): Verdict;
  thenHeld(): Verdict;
  thenRefused(code: PublishRefusalCode): Verdict;
  thenOwed(...generations: readonly number[]): Verdict;
}

const observedEvents = (facts: readonly Fact[]) =>
  facts.flatMap((fact) => (fact.type === 'observed' ? [{ ...fact.event, inputId: fact.inputId }] : []));

/** The fields that matter; one that is claimed as `undefined` may be absent. */
function claimFields(found: object, claimed: object): void {
  const fields = Object.entries(found).filter(([key]) => key in claimed);
  const present = Object.entries(claimed).filter(([, value]) => value !== undefined);
  const absent = Object.keys(claimed).filter((key) => !present.some(([name]) => name === key));
  expect(Object.fromEntries(fields)).toMatchObject(Object.fromEntries(present));
  expect(fields.filter(([key, value]) => absent.includes(key) && value !== undefined)).toEqual([]);
}

function verdict(before: WorkerState, decision: Decision): Verdict {
  const state = fold(before, decision.facts);
  const claim =
    <A extends readonly unknown[]>(check: (...claimed: A) => void) =>
    (...claimed: A): Verdict => {
      check(...claimed);
      return self;
    };
  const replies = (reply: object): void => {
    expect(decision.reply).toMatchObject(reply);
    expect(decision.facts).toEqual([]);
    expect(decision.calls).toEqual([]);
  };
  const nothing = (): void => {
    expect(decision.facts).toEqual([]);
    expect(decision.calls).toEqual([]);
  };
  const self: Verdict = {
    decision,
    before,
    state,
    then: claim((...events: readonly ExpectedEvent[]) => {
      const found = observedEvents(decision.facts);
      expect(found.map(({ type }) => type)).toEqual(events.map((e) => (typeof e === 'string' ? e : e.type)));
      events.forEach((expected, index) => {
        if (typeof expected !== 'string') claimFields(found[index] ?? {}, expected);
      });
    }),
    thenFacts: claim((...types: readonly Fact['type'][]) => {
      expect(decision.facts.map(({ type }) => type).filter((type) => types.includes(type))).toEqual(types);
    }),
    thenStatus: claim((status: object) => claimFields(state.status, status)),
    thenCalls: claim((...calls: readonly (Call['type'] | Call)[]) => {
      expect(decision.calls.map(({ type }) => type)).toEqual(calls.map((c) => (typeof c === 'string' ? c : c.type)));
      expect(decision.calls).toMatchObject(calls.map((c) => (typeof c === 'string' ? { type: c } : c)));
    }),
    thenAccepted: claim((fields: AcceptedFields = {}) => replies({ outcome: 'accepted', ...fields })),
    thenBusy: claim((inputId: InputId) => replies({ outcome: 'busy', inputId })),
    thenRejected: claim((code: RejectedCode) => replies({ outcome: 'rejected', code })),
    thenUnsupported: claim((operation: Operation) => replies({ outcome: 'unsupported', operation })),
    thenErrored: claim((code: Errored['code'], executed: Errored['executed']) =>
      replies({ outcome: 'errored', code, executed, correlationId: expect.any(String) as string }),
    ),
    thenPending: claim((waiting: Waiting) => expect(decision.reply).toEqual({ outcome: 'pending', waiting })),
    thenNothing: claim(nothing),
    thenIgnored: claim(() => {
      expect(decision.ignored).toBe(true);
      nothing();
    }),
    thenHeld: claim(() => {
      expect(decision.held).toBe(true);
      nothing();
    }),
    thenRefused: claim((code: PublishRefusalCode) => {
      expect(decision.refused).toBe(code);
      nothing();
    }),
    thenOwed: claim((...generations: readonly number[]) => expect(state.stopsOwed).toEqual(generations)),
  };
  return self;
}

/** `given(facts or commands).when(command).then(events)`: one decision of a Worker. */
export const given = (...steps: readonly Step[]) => ({
  state: stateAfter(...steps),
  when(command: WorkerCommand, changes: Partial<Circumstances> = {}): Verdict {
    const before = stateAfter(...steps);
    return verdict(before, decide(before, command, circumstances(changes)));
  },
});
