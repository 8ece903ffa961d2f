import { InputId } from '../../../src/domain/ids.js';
import type { ObservedFact } from '../../../src/domain/worker/fact.js';
import { LogRules } from '../log-rules.js';
import type { Account } from './account.js';
import type { Seen } from './answers.js';
import type { Book } from './book.js';
import { claim, RuleBroken } from './claim.js';
import type { KnownWorker } from './known-worker.js';

const factOf = ({ at, inputId, event }: Seen): ObservedFact => ({
  type: 'observed',
  at,
  ...(inputId !== undefined && { inputId: InputId(inputId) }),
  event: event as unknown as ObservedFact['event'],
});

/** Its order, and that what was told to be in it is there. */
export function checkLog(worker: KnownWorker, log: readonly Seen[], { account, endsOf }: Book): void {
  const rules = new LogRules();
  try {
    for (const seen of log) rules.observe(factOf(seen), seen.sequence);
  } catch (cause) {
    throw new RuleBroken(`${(cause as Error).message}: ${JSON.stringify(log)}`, { cause });
  }
  claim(log.length >= worker.highest, 'R1: every observed event is there', { log: log.length, worker: worker.highest });
  checkInputs(worker, rules, account);
  checkAnswers(worker, log, rules);
  for (const inputId of rules.accepted) checkRun(worker, inputId, log);
  if (endsOf(worker.profile) === 'never') checkKept(log);
  if (endsOf(worker.profile) === 'with its server') checkLost(log);
}

function checkInputs(worker: KnownWorker, { accepted }: LogRules, account: Account): void {
  for (const inputId of accepted) {
    const input = worker.inputs.get(inputId);
    claim(input !== undefined, 'W8: each input was sent', { inputId });
    claim(input.state !== 'free', 'W6, W8: what is refused is not in the log', input);
    input.accepted();
    claim(account.takes(inputId) === 1, 'W8: what is accepted was executed once', input);
  }
  for (const input of worker.inputs.values()) {
    const isThere = input.state !== 'accepted' || accepted.has(InputId(input.inputId));
    claim(isThere, 'R1, W6: every accepted input is in the log', input);
  }
}

function checkAnswers(worker: KnownWorker, log: readonly Seen[], { ended }: LogRules): void {
  for (const questionId of worker.answered) {
    const closed = log.find(({ event }) => event.type === 'question-closed' && event.questionId === questionId);
    claim(closed?.event.end === 'answered', 'W17, R1: an answer that was told is in the log', { questionId, closed });
  }
  for (const inputId of worker.cancelled) {
    claim(ended.has(InputId(inputId)), 'W11, R1: an input that was told to have ended has', { inputId });
  }
}

/** What a run says is what it was asked for: from its beginning, nothing left out and nothing twice. */
function checkRun(worker: KnownWorker, inputId: string, log: readonly Seen[]): void {
  const run = log.filter((seen) => seen.inputId === inputId);
  const [verb, count = '0'] = (worker.inputs.get(inputId)?.text ?? '').split(' ');
  const said = run.flatMap(({ event }) => (event.type === 'text-delta' ? [event.text ?? ''] : [])).join('');
  const end = run.find(({ event }) => event.type === 'input-ended')?.event.end;
  const steps = Array.from({ length: Number(count) }, (_, step) => `${step};`).join('');
  if (verb === 'ask') return;
  const isWhole = end === 'completed' ? said === steps : steps.startsWith(said);
  claim(isWhole, 'R2: no event of a run is lost or doubled', { inputId, verb, count, said, end });
}

/** What outlives its host is found again. */
function checkKept(log: readonly Seen[]): void {
  log.forEach(({ event }, index) => {
    const before = log[index - 1]?.event;
    const isLost = event.type === 'execution-disconnected' && before?.type === 'execution-connecting';
    claim(!isLost || before.cause !== 'recover', 'R2: what can be recovered is adopted', log[index]);
    claim(event.end !== 'interrupted' || event.type !== 'input-ended', 'R2: an open run goes on', log[index]);
  });
}

/** What outlives its host ends with its server, and is told to have lost it. */
function checkLost(log: readonly Seen[]): void {
  for (const seen of log) {
    const reason = seen.event.type === 'execution-disconnected' ? seen.event.reason : undefined;
    claim(reason !== 'exited', 'R2: what ends with its server has lost its connection', seen);
  }
}
