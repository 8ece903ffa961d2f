import { isDeepStrictEqual } from 'node:util';

import type { InputId } from '../../src/domain/ids.js';
import { authorOf } from '../../src/domain/observation/event.js';
import type { ClientCommand, WorkerCommand } from '../../src/domain/worker/command.js';
import type { Call, Circumstances, Decision } from '../../src/domain/worker/decision.js';
import type { WorkerState } from '../../src/domain/worker/state.js';
import { currentInput } from '../../src/domain/worker/state.js';
import { isRecordedAsIs } from '../../src/domain/worker/decide-event.js';
import { advance, evolve } from '../../src/domain/worker/evolve.js';

const clientTypes: Readonly<Record<ClientCommand['type'], true>> = {
  create: true,
  input: true,
  answer: true,
  cancel: true,
  reconnect: true,
  stop: true,
  delete: true,
};
export const isClient = (command: WorkerCommand): command is ClientCommand => command.type in clientTypes;
export const claim = (holds: boolean, rule: string): void => {
  if (!holds) throw new Error(rule);
};

/** What holds for every decision by itself. */
export function judgeDecision(
  before: WorkerState,
  command: WorkerCommand,
  decision: Decision,
  circumstances: Circumstances,
): void {
  const { facts, calls, reply } = decision;
  const silent = facts.length === 0 && calls.length === 0;
  if (reply && reply.outcome !== 'pending') claim(silent, `W6: ${command.type} was answered and changed something`);
  if (decision.ignored ?? decision.refused) claim(silent, `W10: ${command.type} was refused and changed something`);
  if (isClient(command)) claim(reply !== undefined, `W18: ${command.type} got no answer`);
  if (command.type !== 'published') {
    const content = facts.some((fact) => fact.type === 'observed' && authorOf[fact.event.type] === 'backend');
    claim(!content, `W2: ${command.type} wrote what only a backend may say`);
  }
  if ('generation' in command && command.type !== 'owed-stop-answered') {
    const current = 'generation' in before.status ? before.status.generation : undefined;
    const gone = before.status.status === 'stopping' && current === undefined;
    if (command.generation !== current && !gone) claim(silent, `W15: ${command.type} of another generation`);
  }
  if (before.status.status === 'stopped') {
    claim(
      facts.every(({ type }) => type !== 'observed'),
      `W14: ${command.type} woke a stopped Worker`,
    );
  }
  if (command.type === 'input') judgeInput(before, command.inputId, decision, circumstances);
  if (command.type === 'published') judgeAsIs(before, command, decision);
}

/** Where no decision is asked for, it would have been this one. */
function judgeAsIs(
  before: WorkerState,
  { generation, event }: Extract<WorkerCommand, { type: 'published' }>,
  { facts, calls, held, refused }: Decision,
): void {
  if (!isRecordedAsIs(before, generation, event)) return;
  const [fact] = facts;
  const isAlone = facts.length === 1 && calls.length === 0 && !held && !refused;
  if (!isAlone || fact?.type !== 'observed') throw new Error(`O1: ${event.type} is not recorded alone`);
  const { inputId, ...body } = event;
  const isSame = isDeepStrictEqual({ inputId: fact.inputId, event: fact.event }, { inputId, event: body });
  claim(isSame, `O1: ${event.type} is not recorded as it was said`);
  const after = evolve(before, fact);
  claim(isDeepStrictEqual(after, advance(before, 1, fact.at)), `O1: ${event.type} moves more than the sequence`);
}

function judgeInput(
  before: WorkerState,
  inputId: InputId,
  { calls, reply }: Decision,
  { ledger, draining }: Circumstances,
): void {
  const { status } = before;
  const current = currentInput(before);
  const dispatches = calls.some(({ type }) => type === 'dispatch');
  if (dispatches) claim(status.status === 'idle', `W1: dispatched while ${status.status}`);
  if (current && current.inputId !== inputId) {
    claim(!dispatches, 'W7: dispatched beside another');
    const fresh = (!ledger || ledger.state === 'refused') && !draining;
    if (fresh && (status.status === 'idle' || status.status === 'busy'))
      claim(reply?.outcome === 'busy' && reply.inputId === current.inputId, 'W7: busy names the other');
  }
  const free = ledger?.state === 'refused';
  if (free && status.status === 'idle' && !current && !draining) claim(dispatches, 'W8: a refused id is not free');
}

/** What holds for every call, on the state in which it is decided. */
export function judgeCall(call: Call, state: WorkerState): void {
  const { execution } = state;
  if (call.type === 'cancel') {
    claim(currentInput(state)?.inputId === call.inputId, 'W11: cancels another input');
    claim(execution?.capabilities.cancel === true, 'W12: cancels what declared no cancel');
  }
  if (call.type === 'stop') claim(execution?.capabilities.stop === true, 'W12: stops what declared no stop');
}
