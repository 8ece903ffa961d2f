import { render } from 'preact';

import type { ConnectionState } from '../../client/index.js';
import { browserClient } from '../../client/index.js';
import { app } from './app.js';
import { codeIn, fragmentOf, placeOf } from './place.js';
import { session as openSession } from './session.js';
import { store } from './store.js';
import { Console } from './views/console.js';

const code = codeIn(location.hash);
// A code is good once: it is not to stay in the address, nor in the history.
if (code !== undefined) history.replaceState(null, '', fragmentOf({ at: 'start' }));

const session = openSession({ fetch: (path, init) => fetch(path, init), storage: sessionStorage });
const connection = store<ConnectionState>('idle');
const gateway = browserClient({
  token: () => session.token(),
  WebSocket,
  onConnection: (state) => connection.set(state),
});
const place = store(placeOf(location.hash));
addEventListener('hashchange', () => place.set(placeOf(location.hash)));

const shown = app({
  gateway,
  session,
  place,
  connection,
  go: (next) => void (location.hash = fragmentOf(next)),
  // A page that is not looked at is not drawn: it is to follow all the same.
  onDrawn: (run) => void (document.hidden ? setTimeout(run, 250) : requestAnimationFrame(run)),
});
render(<Console app={shown} />, document.body);
void session.open(code);
