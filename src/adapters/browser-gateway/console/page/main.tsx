import { render } from 'preact';

import type { ConnectionState } from '../../client/index.js';
import { browserClient } from '../../client/index.js';
import { app } from './app.js';
import { onceDrawn } from './once-drawn.js';
import type { Place } from './place.js';
import { codeIn, fragmentOf, placeOf } from './place.js';
import { session as openSession } from './session.js';
import { store } from './store.js';
import { Console } from './views/console.js';

/** The code of the address. It is good once: it is not to stay there, nor in the history. */
function takeCode(behind: Place): string | undefined {
  const code = codeIn(location.hash);
  if (code !== undefined) history.replaceState(null, '', fragmentOf(behind));
  return code;
}

const code = takeCode({ at: 'start' });

const session = openSession({ fetch: (path, init) => fetch(path, init), storage: sessionStorage });
const connection = store<ConnectionState>('idle');
const gateway = browserClient({
  token: () => session.token(),
  WebSocket,
  onConnection: (state) => connection.set(state),
});
const place = store(placeOf(location.hash));
addEventListener('hashchange', () => {
  const followed = takeCode(place.get());
  if (followed === undefined) place.set(placeOf(location.hash));
  else void session.open(followed);
});

const shown = app({
  gateway,
  session,
  place,
  connection,
  go: (next) => void (location.hash = fragmentOf(next)),
  onDrawn: (run) => onceDrawn(run, window),
});
render(<Console app={shown} />, document.body);
void session.open(code);
