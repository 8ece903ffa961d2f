import type { StreamEndCode } from '../../../../domain/codes.js';
import type { ObservedEvent, Observation } from '../../../../domain/observation/event.js';
import type { TranscriptEntry } from '../../../../domain/observation/transcript.js';
import type { WorkerView } from '../../../../domain/observation/view.js';
import type { Errored, Rejected } from '../../../../domain/outcome.js';
import type { BrowserGateway, Frame, Gap, WorkerRef } from '../../../../ports/browser-gateway.js';
import { coalesced } from './coalesced.js';
import { earlierEntries } from './earlier-entries.js';
import { keptEntries } from './kept-entries.js';
import type { Readable } from './store.js';
import { store } from './store.js';

type EventOf<Type extends ObservedEvent['type']> = Extract<ObservedEvent, { readonly type: Type }>;

/** What is shown of the Worker that is watched. */
export interface Story {
  /** Absent until the first frame. */
  readonly worker?: WorkerView | undefined;
  /** Oldest first. */
  readonly entries: readonly TranscriptEntry[];
  /** Whether there are entries before the first that is here. */
  readonly hasEarlier: boolean;
  /** What of the beginning the host keeps no longer. */
  readonly gap?: Gap | undefined;
  /** What the Worker has used, each figure as it last said it. */
  readonly usage?: EventOf<'usage'> | undefined;
  /** What the Worker last told apart from its transcript beside its transcript. */
  readonly notice?: EventOf<'notice'> | undefined;
  /** Why nothing more comes. */
  readonly end?: StreamEndCode | Rejected | Errored | undefined;
}

export interface StoryReader {
  readonly story: Readable<Story>;
  /** Reads some of the entries before the first that is here. Answers why it could not. */
  readEarlier(): Promise<Rejected | Errored | undefined>;
  /** Reads the Worker again: for who has just asked something of it. */
  refresh(): Promise<void>;
  close(): void;
}

export interface StoryDependencies {
  readonly gateway: BrowserGateway;
  /** Told of the Worker whenever it is known anew. */
  readonly onWorker: (worker: WorkerView) => void;
  /** Calls back once what was shown has been drawn: what comes meanwhile is shown together. */
  readonly onDrawn: (run: () => void) => void;
}

/** How many entries a snapshot brings at most: with fewer it brings all that there are. */
const snapshotEntries = 50;

/** Whether the Worker may be shown otherwise after it. */
const changesWorker = ({ event: { type } }: Observation): boolean =>
  type.startsWith('execution-') ||
  type.startsWith('input-') ||
  type.startsWith('question-') ||
  type.startsWith('worker-');

/** What is told anew replaces what was told; what is not stays. */
const withFigures = (known: Story['usage'], told: EventOf<'usage'>): EventOf<'usage'> => ({ ...known, ...told });

/** Watches a Worker until it is closed: snapshot and events become one story, as the log tells it. */
export function readStory(ref: WorkerRef, { gateway, onWorker, onDrawn }: StoryDependencies): StoryReader {
  const story = store<Story>({ entries: [], hasEarlier: false });
  const closing = new AbortController();
  const { signal } = closing;
  const kept = keptEntries();

  /** That watching has ended meanwhile is no failure. */
  const quietly = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      return undefined;
    });
  const change = (changed: Partial<Story>): void => story.set({ ...story.get(), ...changed });

  const refresh = coalesced(async () => {
    if (signal.aborted) return;
    const answer = await gateway.read({ type: 'worker', worker: ref }, { signal });
    if (answer.outcome !== 'answered') return;
    change({ worker: answer.worker });
    onWorker(answer.worker);
  });

  function begin({ worker, transcript: shown }: Extract<Frame, { type: 'snapshot' }>): void {
    kept.begin(shown, worker.openInput?.inputId);
    change({ worker, entries: kept.all(), hasEarlier: shown.length >= snapshotEntries });
    onWorker(worker);
  }

  function goOn(observations: readonly Observation[]): void {
    const hasEarlier = kept.fold(observations) || story.get().hasEarlier;
    const events = observations.map(({ event }) => event);
    const usage = events.filter((event) => event.type === 'usage').reduce(withFigures, story.get().usage);
    const notice = events.findLast((event) => event.type === 'notice') ?? story.get().notice;
    change({ entries: kept.all(), hasEarlier, usage, notice });
    if (observations.some(changesWorker)) void quietly(refresh());
  }

  function take(frame: Frame): void {
    switch (frame.type) {
      case 'snapshot':
        return begin(frame);
      case 'events':
        return goOn(frame.observations);
      case 'gap':
        return change({ gap: { from: frame.from, to: frame.to } });
      case 'end':
        return change({ end: frame.code });
      case 'problem':
        return change({ end: frame.problem });
    }
  }

  async function watch(): Promise<void> {
    let waiting: Observation[] = [];
    const flush = (): void => {
      const observations = waiting;
      waiting = [];
      if (observations.length > 0 && !signal.aborted) goOn(observations);
    };
    for await (const frame of gateway.observe(ref, undefined, { signal })) {
      if (frame.type === 'events') {
        if (waiting.length === 0) onDrawn(flush);
        waiting.push(...frame.observations);
      } else {
        flush();
        take(frame);
      }
    }
  }

  async function readEarlier(): Promise<Rejected | Errored | undefined> {
    const first = story.get().entries[0]?.sequence;
    if (first === undefined || !story.get().hasEarlier) return undefined;
    const found = await earlierEntries(gateway, ref, first, signal);
    // What was shown may have begun anew meanwhile.
    if (story.get().entries[0]?.sequence !== first) return undefined;
    if (found.outcome !== 'answered') return found;
    kept.prepend(found.entries);
    change({ entries: kept.all(), hasEarlier: found.hasEarlier, gap: found.gap ?? story.get().gap });
    return undefined;
  }

  void quietly(watch());

  return {
    story,
    refresh: async () => void (await quietly(refresh())),
    readEarlier: () => quietly(readEarlier()),
    close: () => closing.abort(),
  };
}
