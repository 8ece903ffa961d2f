import { useEffect, useRef } from 'preact/hooks';

import type { App } from '../app.js';
import type { Place } from '../place.js';
import { pollRoster } from '../roster-polling.js';
import type { RosterState } from '../roster.js';
import { useStore } from '../use-store.js';
import { ConnectionBanner } from './connection-banner.js';
import { focusOn } from './focus.js';
import { NewWorker } from './new-worker.js';
import { PageHeader } from './page-header.js';
import { RosterList } from './roster-list.js';
import { useShortcuts } from './use-shortcuts.js';
import { Welcome } from './welcome.js';
import { WorkerPlace } from './worker-place.js';

/** Whether there is surely nothing to list. */
const isEmpty = ({ isLoaded, status, problem, listings }: RosterState): boolean =>
  isLoaded &&
  status === undefined &&
  !problem &&
  listings.every((listing) => !listing.problem && listing.workers.length === 0);

/** At the start a form where there is no Worker; it stays there while somebody fills it in and a Worker appears. */
function useFirstForm(app: App, place: Place): boolean {
  const state = useStore(app.roster.state);
  const isFirst = useRef(false);
  isFirst.current = place.at === 'start' && (isFirst.current || isEmpty(state));
  return isFirst.current;
}

function Placed({ app, place, isFirst }: { readonly app: App; readonly place: Place; readonly isFirst: boolean }) {
  if (place.at === 'worker') {
    return <WorkerPlace key={`${place.runtimeId}/${place.workerId}`} app={app} place={place} />;
  }
  return place.at === 'new' || isFirst ? <NewWorker app={app} isFirst={isFirst} /> : <Welcome app={app} />;
}

/** Where what had the focus is gone with the place it was in, it goes to the new place. */
function useKeptFocus(place: Place): void {
  const before = useRef(place);
  useEffect(() => {
    if (before.current !== place && document.activeElement === document.body) focusOn('main');
    before.current = place;
  }, [place]);
}

/** The page of who is signed in: the list, and beside it the place that is shown. */
export function Shell({ app }: { readonly app: App }) {
  const place = useStore(app.place);
  const isFirst = useFirstForm(app, place);
  useShortcuts(app);
  useEffect(() => pollRoster(app.roster), [app]);
  useKeptFocus(place);
  return (
    <div class="shell" data-at={isFirst ? 'new' : place.at}>
      <PageHeader app={app} />
      <ConnectionBanner app={app} />
      <RosterList app={app} />
      <main id="main" tabIndex={-1}>
        <Placed app={app} place={place} isFirst={isFirst} />
      </main>
    </div>
  );
}
