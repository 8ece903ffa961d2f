import { useRef } from 'preact/hooks';

import type { App } from '../app.js';
import { useStore } from '../use-store.js';
import { Shell } from './shell.js';
import { SignIn } from './sign-in.js';

/** The whole page. */
export function Console({ app }: { readonly app: App }) {
  const session = useStore(app.session.state);
  const wasClosed = useRef(false);
  wasClosed.current = session.is === 'closed' || (wasClosed.current && session.is === 'opening');
  if (session.is === 'open') return <Shell app={app} />;
  // Until it is known whether anybody has to sign in there is nothing to show.
  return wasClosed.current ? <SignIn session={app.session} state={session} /> : <main id="main" />;
}
