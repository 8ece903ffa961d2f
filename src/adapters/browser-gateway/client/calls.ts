import type { Refusal } from '../../../domain/outcome.js';
import type { AnswerOf, Command, OutcomeOf, Query } from '../../../ports/browser-gateway.js';

import { acceptedIn, requestOf as commandRequest } from './commands.js';
import type { HttpResult } from './http.js';
import { ask } from './http.js';
import type { Context } from './options.js';
import { answeredIn, requestOf as queryRequest } from './queries.js';
import { readRefusalIn, refusalIn, unavailable } from './refusal.js';

/** What is said before anybody looks whether the same was asked already. */
const saidBeforeLooking: readonly string[] = ['quota-exceeded', 'unauthenticated', 'forbidden', 'request-timeout'];

/** Where an answer was lost before, this one tells of both only if it comes from who knows what was asked (W8). */
function ofBoth(refusal: Refusal): Refusal {
  if (refusal.outcome === 'errored') return { ...refusal, executed: 'unknown' };
  const isOfThisAlone = refusal.outcome === 'rejected' && saidBeforeLooking.includes(refusal.code);
  return isOfThisAlone ? unavailable('unknown') : refusal;
}

function outcomeIn(command: Command, { answer, wasLost }: HttpResult): OutcomeOf<Command> {
  if (!answer) return unavailable('unknown');
  const refusal = refusalIn(answer.body, 'unknown');
  if (refusal) return wasLost ? ofBoth(refusal) : refusal;
  const accepted = acceptedIn(command.type, answer);
  // Nobody else knows a key that was made here: the Worker that it found is of a request whose answer was lost.
  const isOurs = command.type === 'create' && command.idempotencyKey === undefined;
  return 'created' in accepted && isOurs ? { ...accepted, created: true } : accepted;
}

export async function execute<C extends Command>(
  context: Context,
  command: C,
  signal: AbortSignal,
): Promise<OutcomeOf<C>> {
  const result = await ask(context, commandRequest(command), signal);
  return outcomeIn(command, result);
}

export async function read<Q extends Query>(context: Context, query: Q, signal: AbortSignal): Promise<AnswerOf<Q>> {
  const { answer } = await ask(context, queryRequest(query), signal);
  const found = answer && (readRefusalIn(answer.body) ?? (answer.status < 300 && answeredIn(query.type, answer.body)));
  return found || unavailable('no');
}
