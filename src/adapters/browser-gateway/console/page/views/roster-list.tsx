import type { PublicStatus, WorkerView } from '../../../../../domain/observation/view.js';
import { publicStatuses } from '../../../../../domain/observation/view.js';
import type { App } from '../app.js';
import { runtimeName, workerName } from '../names.js';
import type { Place } from '../place.js';
import { fragmentOf } from '../place.js';
import type { RosterState, RuntimeListing } from '../roster.js';
import { isSameWorker } from '../roster.js';
import { useStore } from '../use-store.js';
import { meaningOf } from '../words.js';
import { memoized } from './memoized.js';
import { PlainText } from './plain-text.js';

interface RowProps {
  readonly worker: WorkerView;
  readonly name: string;
  readonly isShown: boolean;
}

const isSameRow = (before: RowProps, now: RowProps): boolean =>
  before.name === now.name &&
  before.isShown === now.isShown &&
  before.worker.workerId === now.worker.workerId &&
  before.worker.status === now.worker.status &&
  before.worker.openQuestions.length === now.worker.openQuestions.length;

const Row = memoized(
  ({ worker, name, isShown }: RowProps) => (
    <li>
      <a
        class="worker-link"
        href={fragmentOf({ at: 'worker', runtimeId: worker.runtimeId, workerId: worker.workerId })}
        aria-current={isShown ? 'page' : undefined}
      >
        <span class="name">
          <PlainText text={name} hasLinks={false} />
        </span>{' '}
        {worker.openQuestions.length > 0 && <span class="asks">asks </span>}
        <span class="status" data-status={worker.status}>
          {worker.status}
        </span>
      </a>
    </li>
  ),
  isSameRow,
);

interface ListingProps {
  readonly listing: RuntimeListing;
  readonly state: RosterState;
  readonly place: Place;
}

const isAt = (place: Place, worker: WorkerView): boolean => place.at === 'worker' && isSameWorker(place, worker);

const ProblemNote = ({ problem }: { readonly problem: NonNullable<RuntimeListing['problem']> }) => (
  <p class="note problem">
    {meaningOf(problem.code)}. <code>{problem.code}</code>
  </p>
);

function ListingView({ listing, state, place }: ListingProps) {
  const { workers, problem, isCut } = listing;
  return (
    <>
      {state.listings.length > 1 && (
        <h2>
          <PlainText text={runtimeName(listing.runtime)} />
        </h2>
      )}
      {problem && <ProblemNote problem={problem} />}
      {listing.runtime.draining && <p class="note">This Runtime is shutting down.</p>}
      {workers.length > 0 && (
        <ul aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown">
          {workers.map((worker) => (
            <Row key={worker.workerId} worker={worker} name={workerName(state, worker)} isShown={isAt(place, worker)} />
          ))}
        </ul>
      )}
      {workers.length === 0 && !problem && (
        <p class="note">{state.status === undefined ? 'No Workers yet.' : `No Worker is ${state.status}.`}</p>
      )}
      {isCut && <p class="note">There are more Workers than are listed.</p>}
    </>
  );
}

/** Which Workers there are. */
export function RosterList({ app }: { readonly app: App }) {
  const state = useStore(app.roster.state);
  const place = useStore(app.place);
  return (
    <nav aria-label="Workers" class="roster">
      <div class="roster-head">
        <a
          class="button primary"
          href={fragmentOf({ at: 'new' })}
          aria-keyshortcuts="Alt+N"
          aria-current={place.at === 'new' ? 'page' : undefined}
        >
          New Worker
        </a>
        <label>
          Show{' '}
          <select
            value={state.status ?? ''}
            onChange={({ currentTarget: { value } }) =>
              app.roster.filter(value === '' ? undefined : (value as PublicStatus))
            }
          >
            <option value="">All</option>
            {publicStatuses.map((status) => (
              <option key={status} value={status}>
                {status}
              </option>
            ))}
          </select>
        </label>
      </div>
      {state.problem && <ProblemNote problem={state.problem} />}
      {!state.isLoaded && <p class="note">Reading the Workers …</p>}
      {state.listings.map((listing) => (
        <ListingView key={listing.runtime.runtimeId} listing={listing} state={state} place={place} />
      ))}
    </nav>
  );
}
