import type { Decision } from '../../src/domain/worker/decision.js';

/** A decision in a few words: the reply, what is recorded for readers, whether anything else is, what is called. */
export function summary({ reply, facts, calls, refused, held, ignored }: Decision): string {
  const words: string[] = [];
  if (reply) words.push(wordsOf(reply));
  if (refused) words.push(`refused ${refused}`);
  if (held) words.push('held');
  if (ignored) words.push('ignored');
  const events = facts.flatMap((fact) => (fact.type === 'observed' ? [fact.event.type] : []));
  if (events.length > 0) words.push(`+ ${events.join(' ')}`);
  if (events.length < facts.length) {
    const rest = facts.flatMap((fact) => (fact.type === 'observed' ? [] : [fact.type]));
    words.push(`(${rest.join(' ')})`);
  }
  if (calls.length > 0) words.push(`→ ${calls.map(({ type }) => type).join(' ')}`);
  return words.join(' ') || '-';
}

function wordsOf(reply: NonNullable<Decision['reply']>): string {
  switch (reply.outcome) {
    case 'rejected':
      return reply.code;
    case 'errored':
      return `${reply.code}/${reply.executed}`;
    case 'unsupported':
    case 'accepted':
    case 'busy':
    case 'pending':
      return reply.outcome;
  }
}
