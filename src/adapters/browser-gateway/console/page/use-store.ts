import { useEffect, useReducer } from 'preact/hooks';

import type { Readable } from './store.js';

/** The value of a store. Who uses it is drawn anew when it changes. */
export function useStore<T>(source: Readable<T>): T {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const value = source.get();
  useEffect(() => {
    // It may have changed between drawing and now.
    if (source.get() !== value) draw(undefined);
    return source.subscribe(() => draw(undefined));
  }, [source]);
  return value;
}
