import type { InputId } from '../../../../domain/ids.js';
import type { Observation } from '../../../../domain/observation/event.js';
import {
  continuedTranscript,
  emptyTranscript,
  entriesOf,
  foldTranscript,
} from '../../../../domain/observation/transcript-fold.js';
import type { TranscriptEntry } from '../../../../domain/observation/transcript.js';

/** The entries of a Worker that a page has, oldest first. */
export interface KeptEntries {
  all(): readonly TranscriptEntry[];
  /** Begins anew with those of a snapshot. */
  begin(shown: readonly TranscriptEntry[], openInput: InputId | undefined): void;
  /** Folds in what came. Answers whether entries at the beginning were given up for it. */
  fold(observations: readonly Observation[]): boolean;
  /** Puts those before the others. */
  prepend(entries: readonly TranscriptEntry[]): void;
}

/** Who watches for days keeps what can be read again no longer: beyond `most` only the last ones. */
const most = 4_000;
const last = 2_000;

export function keptEntries(): KeptEntries {
  let earlier: readonly TranscriptEntry[] = [];
  let transcript = emptyTranscript;

  function begin(shown: readonly TranscriptEntry[], openInput: InputId | undefined): void {
    earlier = [];
    transcript = continuedTranscript(shown, openInput);
  }

  return {
    all: () => [...earlier, ...entriesOf(transcript)],
    begin,
    fold(observations) {
      transcript = foldTranscript(transcript, observations);
      if (transcript.entries.length <= most) return false;
      const kept = entriesOf(transcript, last);
      begin(kept, kept.at(-1)?.inputId);
      return true;
    },
    prepend: (entries) => void (earlier = [...entries, ...earlier]),
  };
}
