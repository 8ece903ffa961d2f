import { useEffect, useState } from 'preact/hooks';

import type { WorkerView } from '../../../../../domain/observation/view.js';
import type { Refusal } from '../../../../../domain/outcome.js';
import type { WorkerRef } from '../../../../../ports/browser-gateway.js';
import type { App } from '../app.js';
import { workerName } from '../names.js';
import { shownText } from '../plain-text.js';
import type { Place } from '../place.js';
import type { RosterState } from '../roster.js';
import { isSameWorker, listingOf } from '../roster.js';
import { useStore } from '../use-store.js';
import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { focusOn } from './focus.js';
import { QuestionForm } from './question-form.js';
import { RefusalView } from './refusal.js';
import { isOver, StoryEnd } from './story-end.js';
import { Transcript } from './transcript.js';
import { WorkerActions } from './worker-actions.js';
import { WorkerHeader } from './worker-header.js';

interface WorkerPlaceProps {
  readonly app: App;
  readonly place: Extract<Place, { readonly at: 'worker' }>;
}

/** What the list knows of it, until its own story begins. */
const listed = (state: RosterState, place: WorkerRef): WorkerView | undefined =>
  listingOf(state, place.runtimeId)?.workers.find((worker) => isSameWorker(worker, place));

function useTitle(worker: WorkerView | undefined, name: string): void {
  const busy = worker?.status === 'busy' ? '● ' : '';
  const asks = worker && worker.openQuestions.length > 0 ? 'asks' : worker?.status;
  const title = worker ? `${busy}${shownText(name).slice(0, 80)} · ${asks ?? ''} · Workport` : 'Workport';
  useEffect(() => {
    document.title = title;
    return () => void (document.title = 'Workport');
  }, [title]);
}

/** One Worker: what it is, what was said, and what can be asked of it. It is watched while it is shown. */
function WatchedWorker({ app, place, onAgain }: WorkerPlaceProps & { readonly onAgain: () => void }) {
  const [reader] = useState(() => app.watch({ runtimeId: place.runtimeId, workerId: place.workerId }));
  useEffect(() => () => reader.close(), [reader]);
  const story = useStore(reader.story);
  const roster = useStore(app.roster.state);
  const [refusal, setRefusal] = useState<Refusal>();
  const [sent, setSent] = useState(0);
  const worker = story.worker ?? listed(roster, place);
  const name = worker ? workerName(roster, worker) : 'Worker';
  useTitle(worker, name);
  function dismiss(): void {
    // The button that was pressed is about to go.
    focusOn(isOver(story.end) ? 'transcript' : 'input');
    setRefusal(undefined);
  }

  return (
    <div class="worker">
      <WorkerHeader worker={worker} name={name} story={story} roster={roster}>
        {worker && !story.end && <WorkerActions app={app} worker={worker} reader={reader} onRefusal={setRefusal} />}
      </WorkerHeader>
      <Transcript story={story} reader={reader} sent={sent} onRefusal={setRefusal} />
      <div class="asking">
        {story.end !== undefined && <StoryEnd end={story.end} onAgain={onAgain} />}
        {worker &&
          !story.end &&
          worker.openQuestions.map((question) => (
            <QuestionForm
              key={question.questionId}
              app={app}
              worker={worker}
              question={question}
              onRefusal={setRefusal}
              onAnswered={() => void reader.refresh()}
            />
          ))}
        {refusal && <RefusalView refusal={refusal} onDismiss={dismiss} />}
        {!isOver(story.end) && (
          <Composer
            app={app}
            place={place}
            status={worker?.status}
            onRefusal={setRefusal}
            onSent={() => setSent((count) => count + 1)}
          />
        )}
      </div>
      <Announcer worker={worker} />
    </div>
  );
}

/** A Worker, watched anew where somebody asks for it after its story has ended. */
export function WorkerPlace({ app, place }: WorkerPlaceProps) {
  const [count, setCount] = useState(0);
  return <WatchedWorker key={count} app={app} place={place} onAgain={() => setCount(count + 1)} />;
}
