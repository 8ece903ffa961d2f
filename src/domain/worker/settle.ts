import type { Rejected } from '../outcome.js';
import { rejected } from '../outcome.js';
import { cursorAt } from './decide-input.js';
import { sameAnswer } from './decide-client.js';
import type { Reply, Waiting } from './decision.js';
import type { Fact, ObservedFact } from './fact.js';
import type { LedgerEntry } from './ledger.js';
import type { WorkerState } from './state.js';
import { currentInput } from './state.js';

type WaitingFor<T extends Waiting['for']> = Extract<Waiting, { for: T }>;

/** The answer that a fact gives to somebody who waits, if it does. `state` is the one after it. */
export function settle(waiting: Waiting, fact: Fact, state: WorkerState): Reply | undefined {
  switch (waiting.for) {
    case 'create':
      return settleCreate(waiting, fact, state);
    case 'input':
      return settleInput(waiting, fact, state);
    case 'answer':
      return settleAnswer(waiting, fact);
    case 'cancel':
      return settleCancel(waiting, fact);
    case 'reconnect':
      if (fact.type === 'connect-failed') return fact.refusal;
      return isEvent(fact, 'execution-connected') ? { outcome: 'accepted' } : disconnectedReply(fact);
    case 'stop':
      return isEvent(fact, 'worker-stopped') && state.status.status === 'stopped'
        ? { outcome: 'accepted', end: state.status.end }
        : undefined;
    case 'delete':
      return undefined;
  }
}

const isEvent = (fact: Fact, type: ObservedFact['event']['type']): fact is ObservedFact =>
  fact.type === 'observed' && fact.event.type === type;

const disconnectedReply = (fact: Fact): Rejected | undefined =>
  isEvent(fact, 'execution-disconnected') ? rejected('backend-unavailable') : undefined;

function settleCreate({ inputId }: WaitingFor<'create'>, fact: Fact, state: WorkerState): Reply | undefined {
  if (fact.type === 'create-failed') return fact.refusal;
  if (inputId) return settleInput({ for: 'input', inputId }, fact, state);
  return isEvent(fact, 'worker-created') ? { outcome: 'accepted' } : undefined;
}

function settleInput({ inputId }: WaitingFor<'input'>, fact: Fact, state: WorkerState): Reply | undefined {
  if (isEvent(fact, 'input-accepted') && fact.inputId === inputId) {
    return { outcome: 'accepted', inputId, cursor: cursorAt(state, state.sequence) };
  }
  if (fact.type === 'input-settled' && fact.inputId === inputId) return fact.refusal;
  if (fact.type !== 'dispatch-lost' || fact.inputId !== inputId) return undefined;
  return { outcome: 'errored', code: 'backend-disconnected', executed: 'unknown', correlationId: fact.correlationId };
}

function settleAnswer({ questionId, answer }: WaitingFor<'answer'>, fact: Fact): Reply | undefined {
  if (fact.type === 'answer-released' && fact.questionId === questionId) return fact.refusal;
  if (!isEvent(fact, 'question-closed') || fact.event.type !== 'question-closed') return undefined;
  if (fact.event.questionId !== questionId) return undefined;
  const taken = fact.event.end === 'answered' && sameAnswer(fact.event.answer, answer);
  return taken ? { outcome: 'accepted' } : rejected('question-closed');
}

function settleCancel({ inputId }: WaitingFor<'cancel'>, fact: Fact): Reply | undefined {
  if (fact.type === 'cancel-escalated' && fact.inputId === inputId) return { outcome: 'accepted', end: 'escalated' };
  if (fact.type === 'input-settled' && fact.inputId === inputId) return rejected('input-not-open');
  return isEvent(fact, 'input-ended') && fact.inputId === inputId
    ? { outcome: 'accepted', end: 'quiesced' }
    : undefined;
}

/** What a fact changes in the ledger, where it does. */
export function ledgerEntry(fact: Fact, before: WorkerState, after: WorkerState): LedgerEntry | undefined {
  if (fact.type === 'input-reserved') return { inputId: fact.inputId, digest: fact.digest, state: 'undecided' };
  if (fact.type === 'input-settled') {
    const digest = currentInput(before)?.digest ?? '';
    return { inputId: fact.inputId, digest, state: fact.as };
  }
  if (!isEvent(fact, 'input-accepted') || !fact.inputId) return undefined;
  const digest = currentInput(after)?.digest ?? '';
  return { inputId: fact.inputId, digest, state: 'accepted', cursor: cursorAt(after, after.sequence) };
}
