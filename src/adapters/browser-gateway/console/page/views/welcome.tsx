import type { App } from '../app.js';
import { useStore } from '../use-store.js';

/** Beside the list, while no Worker is shown. */
export function Welcome({ app }: { readonly app: App }) {
  const { isLoaded } = useStore(app.roster.state);
  if (!isLoaded) return null;
  return (
    <div class="welcome">
      <h1>Workers</h1>
      <p>Choose a Worker from the list, or create a new one.</p>
    </div>
  );
}
