import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

import { answer } from './asked.mjs';

/** So many events are published at once, as what came in together is. */
export const burst = 64;

/** Publishes to each of `publish` its events, a burst of each in a turn; `perSecond` of each at most. */
async function flow(publish, events, perSecond) {
  const began = performance.now();
  const due = () => (perSecond === undefined ? events : ((performance.now() - began) * perSecond) / 1_000);
  for (let done = 0; done < events;) {
    const count = Math.min(burst, events - done, Math.floor(due()) - done);
    if (count <= 0) {
      await wait(1);
      continue;
    }
    await Promise.all(publish.map((one) => one(count)));
    done += count;
    await turn();
  }
}

/** What a process holds after a collection, in bytes. */
function held() {
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, live: heapUsed + external };
}

/**
 * The host's side of a fan-out. `open` answers `{ url, places, publishers }`: what observers are told of each Worker, and
 * a function for each that publishes so many events and resolves when there is room for more.
 */
export function fanOutServer(open) {
  let publishers;
  answer({
    async open(options) {
      const opened = await open(options);
      ({ publishers } = opened);
      return { url: opened.url, places: opened.places };
    },
    held,
    /** Answers the most that was resident meanwhile, and what was held in the middle and at the end where `isHeld`. */
    async publish({ events, perSecond, isHeld = false }) {
      let peak = process.memoryUsage.rss();
      const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 100);
      const half = Math.ceil(events / 2);
      await flow(publishers, half, perSecond);
      const middle = isHeld ? held().live : undefined;
      await flow(publishers, events - half, perSecond);
      clearInterval(sampling);
      return { peak, middle, end: isHeld ? held().live : undefined };
    },
  });
}
