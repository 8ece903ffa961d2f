import type { App } from '../app.js';
import { useStore } from '../use-store.js';

/** The whole page. */
export function Console({ app }: { readonly app: App }) {
  const session = useStore(app.session.state);
  return <main>{session.is}</main>;
}
