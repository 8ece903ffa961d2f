import type { App } from '../app.js';
import { useStore } from '../use-store.js';

/** Says that what is shown may be old. */
export function ConnectionBanner({ app }: { readonly app: App }) {
  const connection = useStore(app.connection);
  return (
    <div role="status" class="connection">
      {connection === 'reconnecting' && 'Connection lost. Reconnecting …'}
    </div>
  );
}
