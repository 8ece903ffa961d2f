import { useEffect } from 'preact/hooks';

import type { App } from '../app.js';
import { isSameWorker } from '../roster.js';
import { shortcutOf } from '../shortcuts.js';
import type { ShortcutCode } from '../shortcuts.js';
import { focusIds, focusOn } from './focus.js';

/** Goes to the neighbour of the Worker that is shown; from elsewhere to the first, or to the last. */
function goBeside(app: App, step: 1 | -1): void {
  const place = app.place.get();
  const workers = app.roster.state.get().listings.flatMap((listing) => listing.workers);
  const shown = workers.findIndex((worker) => place.at === 'worker' && isSameWorker(place, worker));
  const next = shown === -1 ? workers.at(step === 1 ? 0 : -1) : workers[shown + step];
  if (next) app.go({ at: 'worker', runtimeId: next.runtimeId, workerId: next.workerId });
}

function run(app: App, code: ShortcutCode): void {
  switch (code) {
    case 'KeyN':
      return app.go({ at: 'new' });
    case 'ArrowUp':
      return goBeside(app, -1);
    case 'ArrowDown':
      return goBeside(app, 1);
    case 'KeyI':
      return focusOn('input');
    case 'KeyT':
      return focusOn('transcript');
    case 'KeyC':
      return document.getElementById(focusIds.cancel)?.click();
  }
}

/** The keyboard, while somebody is signed in and no dialog is open. */
export function useShortcuts(app: App): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const code = shortcutOf(event);
      if (code === undefined || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      run(app, code);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [app]);
}
