/**
 * Runs one at a time: asked for while it runs, however often, it runs once more afterwards. What it answers is settled
 * when the last of these has ended.
 */
export function coalesced(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let asked = 0;

  async function runAll(): Promise<void> {
    try {
      for (let seen = 0; seen !== asked;) {
        seen = asked;
        await run();
      }
    } finally {
      running = undefined;
    }
  }

  return () => {
    asked += 1;
    running ??= runAll();
    return running;
  };
}
