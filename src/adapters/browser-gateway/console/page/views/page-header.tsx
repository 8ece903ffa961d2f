import { useState } from 'preact/hooks';

import type { App } from '../app.js';
import { fragmentOf } from '../place.js';
import { useStore } from '../use-store.js';
import { focusOn } from './focus.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';

/** What stands above every page. */
export function PageHeader({ app }: { readonly app: App }) {
  const [showsShortcuts, setShowsShortcuts] = useState(false);
  const place = useStore(app.place);

  function skip(event: MouseEvent): void {
    event.preventDefault();
    focusOn('main');
  }
  function signOut(): void {
    app.drafts.clear();
    void app.session.signOut();
  }

  return (
    <header class="page-header">
      <a class="skip" href={fragmentOf(place)} onClick={skip}>
        Skip to the Worker
      </a>
      <a class="mark" href={fragmentOf({ at: 'start' })}>
        Workport
      </a>
      <span class="space" />
      <button type="button" class="quiet" aria-haspopup="dialog" onClick={() => setShowsShortcuts(true)}>
        Keyboard shortcuts
      </button>
      {app.session.token() !== '' && (
        <button type="button" class="quiet" onClick={signOut}>
          Sign out
        </button>
      )}
      {showsShortcuts && <ShortcutsDialog onClose={() => setShowsShortcuts(false)} />}
    </header>
  );
}
