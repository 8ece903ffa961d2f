import type { Observation, QuestionId } from '../../../src/index.js';
import type { ObservedFact } from '../../../src/domain/worker/fact.js';
import { LogRules } from '../log-rules.js';

/** An observation that can be compared with that of another playing. */
export interface Normal {
  readonly inputId: Observation['inputId'] | undefined;
  readonly event: Observation['event'];
}

/** What a cut changed for the sender of a session, by the answers that it got. */
export interface Consequences {
  /** Questions whose answer was cut off. */
  readonly unheard: ReadonlySet<QuestionId>;
  readonly end?: 'stopped' | 'killed' | undefined;
}

/** A log without what no two playings share: `at`, the random epochs of cursors (P5), correlation ids. */
export function normalLog(observations: readonly Observation[]): readonly Normal[] {
  const rules = new LogRules();
  return observations.map(({ inputId, event, sequence }) => {
    rules.observe({ inputId, event } as ObservedFact, sequence);
    const { correlationId: _, ...body } = event as Observation['event'] & { correlationId?: string };
    return { inputId, event: body };
  });
}

/**
 * What the log of a session that was cut has to be, from that of the one that was not. Every id of an input and a
 * question is the script's own and stays. A cut may change two things, and only where the sender was told so:
 *
 * - The end of a question whose answer was cut off. The call is settled at once as `backend-disconnected` (E5), and the
 *   answer may have arrived all the same. Asked again it is recorded as `answered`, where it stands in the uncut log;
 *   if its run ends before that, the Runtime knows of no answer and closes it `interrupted`, right before the end (W17,
 *   O6).
 * - A stop whose answer is lost has failed and ends as `killed` (W12): its generation is closed, which is recorded as a
 *   disconnection after the end of its input.
 *
 * Nothing else changes: an input whose answer was lost is decided by the resumption, or sent again with the same id and
 * accepted where it stood (W8); a create that came to nothing leaves no log, and the one after it is a Worker like any
 * other (W5); events that were on their way are sent again, once (O7).
 */
export function expectedLog(
  uncut: readonly Normal[],
  cut: readonly Normal[],
  { unheard, end }: Consequences,
): readonly Normal[] {
  const interrupted = new Set(
    cut.flatMap(({ event }) =>
      event.type === 'question-closed' && event.end === 'interrupted' && unheard.has(event.questionId)
        ? [event.questionId]
        : [],
    ),
  );
  const expected = [...uncut];
  for (const questionId of interrupted) interrupt(expected, questionId);
  if (end === 'killed') expected.splice(-1, 0, { inputId: undefined, event: closed });
  return expected;
}

const closed = { type: 'execution-disconnected', generation: 1, reason: 'closed' } as Observation['event'];

/** Its answer was not heard of: it closes with its input. */
function interrupt(log: Normal[], questionId: QuestionId): void {
  const at = log.findIndex(({ event }) => event.type === 'question-closed' && event.questionId === questionId);
  const [answered] = log.splice(at, 1);
  const inputId = answered?.inputId;
  const end = log.findIndex(({ event, inputId: of }) => event.type === 'input-ended' && of === inputId);
  log.splice(end, 0, { inputId, event: { type: 'question-closed', questionId, end: 'interrupted' } });
}

/** Whether each cursor names its own sequence, under one epoch. */
export const cursorsAreWhole = (observations: readonly Observation[]): boolean =>
  observations.every(({ cursor, sequence }) => {
    const [prefix, epoch, at] = cursor.split('_');
    return prefix === 'wo' && epoch === observations[0]?.cursor.split('_')[1] && parseInt(at ?? '', 16) === sequence;
  });
