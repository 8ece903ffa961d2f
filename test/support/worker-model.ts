import { Generation } from '../../src/domain/ids.js';
import type { InputId } from '../../src/domain/ids.js';
import type { ClientCommand, WorkerCommand } from '../../src/domain/worker/command.js';
import { cursorAt } from '../../src/domain/worker/decide-input.js';
import { nextDeadline } from '../../src/domain/worker/decide-host.js';
import type { decide } from '../../src/domain/worker/decide.js';
import type { Call, Circumstances, Reply, Waiting } from '../../src/domain/worker/decision.js';
import { isDue } from '../../src/domain/worker/due.js';
import { evolve } from '../../src/domain/worker/evolve.js';
import type { Fact } from '../../src/domain/worker/fact.js';
import type { LedgerEntry } from '../../src/domain/worker/ledger.js';
import { ledgerEntry, settle } from '../../src/domain/worker/settle.js';
import type { WorkerState } from '../../src/domain/worker/state.js';
import { canBeRecovered, currentInput, initialState, isVisible } from '../../src/domain/worker/state.js';
import { now, workerId } from './decider-spec.js';
import { claim, isClient, judgeCall, judgeDecision } from './decision-rules.js';
import { LogRules } from './log-rules.js';

type Published = Extract<WorkerCommand, { type: 'published' }>;
interface Waiter {
  readonly waiting: Waiting;
  /** The fact of the batch from which on it may be answered. */
  readonly from: number;
}
interface Batch {
  state: WorkerState;
  readonly facts: { readonly fact: Fact; readonly before: WorkerState; readonly after: WorkerState }[];
  readonly calls: Call[];
  readonly waiters: Waiter[];
  readonly replies: { readonly command: ClientCommand; readonly reply: Reply }[];
  held: readonly Published[];
}

const canonical = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one, canonical) === JSON.stringify(other, canonical);
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

/** One Worker with a mailbox, a log and the calls that its backend has not answered: pure, and judged at every step. */
export class WorkerModel {
  head: WorkerState = initialState(workerId);
  readonly rules = new LogRules();
  readonly ledger = new Map<InputId, LedgerEntry>();
  readonly seen = new Set<string>();
  /** What the backend was asked and has not answered. */
  calls: Call[] = [];
  waiters: Waiter[] = [];
  clock = now;
  draining = false;
  logFails = false;
  removed = false;
  #failing = false;
  #minted = 0;
  #lastText = 0;
  #commands: WorkerCommand[] = [];
  #events: WorkerCommand[] = [];
  #held: readonly Published[] = [];
  readonly #consumed = new Map<number, number>();
  readonly #dispatches = new Map<InputId, number>();
  readonly #refusals = new Map<InputId, number>();
  readonly #mayLive = new Set<number>();
  readonly #answers = new Set<string>();
  readonly #decide: typeof decide;

  constructor(decider: typeof decide) {
    this.#decide = decider;
  }

  /** The generation that lives, else the last one. */
  get generation(): Generation {
    const { status, generation } = this.head;
    return ('generation' in status ? status.generation : undefined) ?? Generation(Math.max(1, generation));
  }

  send(command: WorkerCommand): void {
    if (this.removed) return;
    const late = ['published', 'disconnected', 'input-decided'].includes(command.type);
    if (late || command.type.endsWith('-answered')) this.#events.push(command);
    else this.#commands.push(command);
    if (command.type === 'disconnected' && command.reason === 'exited') this.#ended(command.generation);
  }

  /** A batch: commands, then events; all of it is appended at once or not at all. */
  pump(): void {
    if (this.removed) return;
    const deadline = nextDeadline(this.head);
    if (deadline !== undefined && deadline <= this.clock) this.#commands.unshift({ type: 'deadline-passed' });
    const commands = [...this.#commands, ...this.#events];
    this.#commands = [];
    this.#events = [];
    if (!this.#failing) this.#run(commands);
  }

  /** The log takes appends again; until it says what happened, nobody's command is decided. */
  restore(): void {
    this.logFails = false;
    if (!this.#failing) return;
    this.#failing = false;
    this.#run([{ type: 'log-restored' }]);
    claim(!this.#isLive(), 'W19: a generation outlived a failed append');
  }

  /** Whoever waited is gone with the host; the head is read from its JSON. */
  restart(newEpoch: boolean, canRecover: boolean): void {
    if (this.removed) return;
    this.logFails = false;
    this.#failing = false;
    this.draining = false;
    this.#commands = [];
    this.#events = [];
    this.#held = [];
    this.waiters = [];
    this.calls = [];
    this.head = freeze(copy(this.head));
    this.#run([{ type: 'recover', newEpoch, canRecover }]);
  }

  /** What a guard and a clock do at their deadlines: afterwards nobody waits. */
  end(): void {
    if (this.removed) return;
    this.restore();
    this.pump();
    this.send({ type: 'generation-faulted', generation: this.generation, correlationId: this.#correlation() });
    this.pump();
    this.clock = nextDeadline(this.head) ?? this.clock;
    this.pump();
    claim(this.waiters.length === 0, 'W18: somebody waits for ever');
    claim(currentInput(this.head) === undefined || this.removed, 'W8: undecided for ever');
  }

  #run(commands: readonly WorkerCommand[]): void {
    const batch: Batch = { state: this.head, facts: [], calls: [], waiters: [], replies: [], held: this.#held };
    for (const command of commands) {
      this.#retryHeld(batch);
      this.#take(batch, command);
    }
    this.#retryHeld(batch);
    this.#countPosition(batch);
    if (this.logFails) this.#fail();
    else this.#append(batch);
  }

  #retryHeld(batch: Batch): void {
    let waiting = batch.held;
    for (let first = waiting[0]; first; first = waiting[0]) {
      const recorded = batch.facts.length;
      batch.held = [];
      this.#take(batch, first);
      if (batch.held.length === 0) waiting = waiting.slice(1);
      else if (batch.facts.length === recorded) break;
    }
    batch.held = waiting;
  }

  #take(batch: Batch, command: WorkerCommand): void {
    const before = batch.state;
    const circumstances = this.#circumstances(command);
    const decision = this.#decide(before, command, circumstances());
    claim(same(decision, this.#decide(copy(before), command, circumstances())), 'a head read back decides otherwise');
    judgeDecision(before, command, decision, circumstances());
    if (command.type === 'answer') this.#answers.add(JSON.stringify([command.questionId, command.answer]));
    const from = batch.facts.length;
    for (const fact of decision.facts) this.#fold(batch, fact);
    decision.calls.forEach((call) => judgeCall(call, batch.state));
    batch.calls.push(...decision.calls);
    if (decision.reply?.outcome === 'pending') batch.waiters.push({ waiting: decision.reply.waiting, from });
    else if (decision.reply && isClient(command)) batch.replies.push({ command, reply: decision.reply });
    if (command.type === 'stop-answered' && decision.facts.length > 0 && command.answer.outcome === 'accepted')
      this.#ended(command.generation);
    if (command.type !== 'published') return;
    if (decision.held) batch.held = [...batch.held, command];
    else this.#consumed.set(command.generation, (this.#consumed.get(command.generation) ?? 0) + 1);
  }

  #circumstances(command: WorkerCommand): () => Circumstances {
    const minted = (this.#minted += 100);
    const ledger = command.type === 'input' ? this.ledger.get(command.inputId) : undefined;
    return () => {
      let next = minted;
      const newId = (): string => `00000000-0000-4000-8000-${(next += 1).toString(16).padStart(12, '0')}`;
      return { now: this.clock, newId, draining: this.draining, ledger };
    };
  }

  #fold(batch: Batch, fact: Fact): void {
    const before = batch.state;
    const after = freeze(evolve(before, fact));
    claim(same(after, evolve(copy(before), copy(fact))), `${fact.type} folds otherwise onto a head read back`);
    batch.facts.push({ fact, before, after });
    batch.state = after;
  }

  #countPosition(batch: Batch): void {
    const { generation } = this;
    const sequence = this.#consumed.get(generation);
    if (sequence === undefined || batch.facts.length === 0) return;
    this.#fold(batch, { type: 'position', generation, sequence });
  }

  #fail(): void {
    this.#failing = true;
    this.waiters = [];
    this.calls = [];
    this.#held = [];
  }

  #append(batch: Batch): void {
    for (const { fact, before, after } of batch.facts) {
      this.seen.add(fact.type).add(after.status.status);
      if (fact.type === 'observed') {
        this.rules.observe(fact, after.sequence);
        cursorAt(after, after.sequence);
        this.#judgeEvent(fact);
      }
      const entry = ledgerEntry(fact, before, after);
      if (entry) this.ledger.set(entry.inputId, entry);
      if (entry?.state === 'refused') this.#refusals.set(entry.inputId, (this.#refusals.get(entry.inputId) ?? 0) + 1);
      if (fact.type === 'stop-settled') this.#ended(fact.generation);
    }
    this.head = batch.state;
    this.#held = batch.held;
    this.#settle(batch);
    batch.calls.filter((call) => isDue(call, this.head)).forEach((call) => this.#perform(call));
    this.#judgeHead();
  }

  #judgeEvent({ event }: Extract<Fact, { type: 'observed' }>): void {
    if (event.type === 'text-delta') {
      claim(Number(event.text) > this.#lastText, 'P1: events out of the order in which they were published');
      this.#lastText = Number(event.text);
    }
    if (event.type !== 'question-closed' || event.end !== 'answered') return;
    const given = this.#answers.has(JSON.stringify([event.questionId, event.answer]));
    claim(given, 'W17: an answer that nobody gave');
  }

  #settle(batch: Batch): void {
    const waiting = [...this.waiters.map(({ waiting }) => ({ waiting, from: 0 })), ...batch.waiters];
    this.waiters = waiting.filter((waiter) => {
      const replies = batch.facts
        .slice(waiter.from)
        .flatMap(({ fact, after }) => settle(waiter.waiting, fact, after) ?? []);
      replies.slice(0, 1).forEach((reply) => this.#judgeReply(waiter.waiting, reply, batch));
      return replies.length === 0;
    });
    batch.replies.forEach(({ command, reply }) => {
      if (command.type === 'input' && reply.outcome === 'accepted')
        claim(this.rules.accepted.has(command.inputId), 'W6: told before it was recorded');
    });
  }

  #judgeReply(waiting: Waiting, reply: Reply, { facts }: Batch): void {
    if (reply.outcome !== 'accepted') return;
    if (waiting.for === 'input') claim(this.rules.accepted.has(waiting.inputId), 'W6: told before it was recorded');
    if (waiting.for === 'create') claim(isVisible(this.head), 'W5: created and not visible');
    if (waiting.for === 'cancel' && reply.end === 'quiesced')
      claim(this.rules.ended.has(waiting.inputId), 'W11: quiesced before its end');
    if (waiting.for === 'cancel' && reply.end === 'escalated')
      claim(
        facts.some(({ fact }) => fact.type === 'observed' && fact.event.type === 'execution-disconnected'),
        'W11: escalated and not closed',
      );
    if (waiting.for === 'stop') claim(this.rules.status === 'stopped', 'W13: stopped before its end');
  }

  #perform(call: Call): void {
    if (call.type === 'remove') {
      this.removed = true;
      this.waiters = this.waiters.filter(({ waiting }) => waiting.for !== 'delete');
    }
    if (call.type === 'spawn' || call.type === 'recover') this.#mayLive.add(call.generation);
    if (call.type === 'spawn') this.#ended(call.generation - 1);
    if (call.type === 'dispatch') {
      const times = (this.#dispatches.get(call.inputId) ?? 0) + 1;
      this.#dispatches.set(call.inputId, times);
      claim(times <= 1 + (this.#refusals.get(call.inputId) ?? 0), 'W8: dispatched twice');
    }
    this.calls.push(call);
  }

  /** What holds for every head that was appended. */
  #judgeHead(): void {
    const { head, rules } = this;
    const { status } = head;
    if (isVisible(head)) claim(status.status === rules.status, `W10: ${status.status}, its events say ${rules.status}`);
    const current = currentInput(head);
    const open = current?.phase === 'open' ? current.inputId : undefined;
    claim(open === rules.open, 'W10: the open input is not that of the log');
    claim(head.sequence === rules.sequence, 'O7: the head counts otherwise');
    claim(
      this.waiters.every(({ waiting }) => this.#willBeAnswered(waiting)),
      'W18: a waiter that nothing answers',
    );
    for (const entry of this.ledger.values()) {
      claim((entry.state === 'accepted') === rules.accepted.has(entry.inputId), 'W8: the ledger contradicts the log');
      if (isVisible(head) && entry.state === 'undecided')
        claim(current?.phase === 'undecided' && current.inputId === entry.inputId, 'W8: undecided and not current');
    }
    const oldest = Math.max(0, ...this.#mayLive);
    const kept = canBeRecovered(head) && status.status === 'unconnected';
    if (oldest > 0 && !this.#isLive() && !kept)
      claim(
        head.stopsOwed.some((generation) => generation >= oldest),
        `R5: ${String(oldest)} is left running`,
      );
  }

  #willBeAnswered(waiting: Waiting): boolean {
    const { status, questions } = this.head;
    const current = currentInput(this.head);
    switch (waiting.for) {
      case 'create':
        return status.status === 'reserved';
      case 'input':
        return current?.phase === 'undecided' && current.inputId === waiting.inputId;
      case 'answer':
        return questions.some(({ questionId, phase }) => questionId === waiting.questionId && phase === 'answering');
      case 'cancel':
        return current?.inputId === waiting.inputId && current.cancellation !== undefined;
      case 'reconnect':
        return status.status === 'connecting';
      case 'stop':
        return status.status === 'stopping';
      case 'delete':
        return false;
    }
  }

  #isLive(): boolean {
    return ['reserved', 'connecting', 'idle', 'busy', 'stopping'].includes(this.head.status.status);
  }

  #ended(generation: number): void {
    for (const one of this.#mayLive) if (one <= generation) this.#mayLive.delete(one);
  }

  #correlation() {
    return `00000000-0000-4000-9000-${(this.#minted += 1).toString(16).padStart(12, '0')}` as never;
  }
}
