import { Sequence } from '../../../../domain/ids.js';
import type { TranscriptEntry } from '../../../../domain/observation/transcript.js';
import type { Errored, Rejected } from '../../../../domain/outcome.js';
import type { AnswerOf, BrowserGateway, Gap, Query, WorkerRef } from '../../../../ports/browser-gateway.js';

export interface EarlierEntries {
  readonly outcome: 'answered';
  /** Oldest first, all before the one that was asked from. */
  readonly entries: readonly TranscriptEntry[];
  /** Whether there may be more before them. */
  readonly hasEarlier: boolean;
  readonly gap?: Gap | undefined;
}

type TranscriptQuery = Extract<Query, { readonly type: 'transcript' }>;

const pageLimit = 500;
/** In sequences: how far back is looked at first, and four times as far where nothing is found. */
const firstWindow = 2_000;

/** Reads entries before the sequence `first`, the nearest ones. */
export async function earlierEntries(
  gateway: BrowserGateway,
  worker: WorkerRef,
  first: number,
  signal: AbortSignal,
): Promise<EarlierEntries | Rejected | Errored> {
  let gap: Gap | undefined;

  async function readFrom(from: number): Promise<readonly TranscriptEntry[] | Rejected | Errored> {
    const found: TranscriptEntry[] = [];
    let after: number | undefined = from;
    while (after !== undefined && after < first) {
      const place = after === 0 ? undefined : Sequence(after);
      const query: TranscriptQuery = { type: 'transcript', worker, after: place, limit: pageLimit };
      const answer: AnswerOf<TranscriptQuery> = await gateway.read(query, { signal });
      if (answer.outcome !== 'answered') return answer;
      gap ??= answer.gap;
      found.push(...answer.entries.filter(({ sequence }) => sequence < first));
      after = answer.next;
    }
    return found;
  }

  for (let window = firstWindow; ; window *= 4) {
    const from = Math.max(0, first - 1 - window);
    const entries = await readFrom(from);
    if ('outcome' in entries) return entries;
    if (entries.length > 0 || from === 0)
      return { outcome: 'answered', entries, gap, hasEarlier: from > (gap?.to ?? 0) };
  }
}
