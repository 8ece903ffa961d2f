/** As much of a window as is used. */
interface Drawing {
  requestAnimationFrame(run: () => void): unknown;
  setTimeout(run: () => void, afterMs: number): unknown;
}

const hiddenMs = 250;

/**
 * Runs once, when the page is drawn next. One that nobody looks at is not drawn, also where it was asked before: it is to
 * follow all the same.
 */
export function onceDrawn(run: () => void, window: Drawing): void {
  let hasRun = false;
  const once = (): void => {
    if (hasRun) return;
    hasRun = true;
    run();
  };
  window.requestAnimationFrame(once);
  window.setTimeout(once, hiddenMs);
}
